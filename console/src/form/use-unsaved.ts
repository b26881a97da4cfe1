/** The values of a small form, kept like every unsaved change. */
import { useCallback, useMemo } from "react";
import { draftOf, setDraft, useDraft } from "./drafts";
import { changed, remaining, withChange } from "./paths";

export function useUnsaved<T extends Record<string, unknown>>(key: string, base: T) {
  const held = useDraft(key);
  // Given anew on every render, and compared by what it says.
  const text = JSON.stringify(base);
  const changes = useMemo(() => remaining(JSON.parse(text) as T, held), [text, held]);
  const set = useCallback(<K extends keyof T & string>(name: K, value: T[K]): void => setDraft(key, withChange(JSON.parse(text), draftOf(key), name, value)), [key, text]);
  const forget = useCallback(() => setDraft(key, {}), [key]);
  return { values: changed(base, changes), set, dirty: Object.keys(changes).length > 0, forget };
}
