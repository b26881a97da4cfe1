/** A form over something the server has: values, what was changed, saving it with Mod+S, and where the refused field is. */
import { useMutation } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef } from "react";
import { ApiError } from "../api/client";
import { setDraft, useDraft } from "./drafts";
import { bodyOf, changed, errorAt, remaining, withChange, type At, type Changes, type Path } from "./paths";

interface Options<T> {
  /** Names the draft; one thing of the server's has one. */
  key: string;
  base: T;
  /** Sends the body; resolves once the cache has the answer. */
  save: (body: Record<string, unknown>) => Promise<unknown>;
  /** What keeps it from being saved, as path and sentence. */
  check?: (values: T) => Record<string, string>;
  locked?: boolean;
}

export interface Form<T> {
  values: T;
  changes: Changes;
  dirty: boolean;
  locked: boolean;
  saving: boolean;
  saved: boolean;
  error: Error | null;
  set<P extends Path<T>>(path: P, value: At<T, P>): void;
  errorOf(path: Path<T>): string | undefined;
  problems: Record<string, string>;
  /** True when it was saved or nothing was to be. */
  save(): Promise<boolean>;
  discard(): void;
}

export function useForm<T>({ key, base, save, check, locked = false }: Options<T>): Form<T> {
  const held = useDraft(key);
  const changes = useMemo(() => remaining(base, held), [base, held]);
  const values = useMemo(() => changed(base, changes), [base, changes]);
  const dirty = Object.keys(changes).length > 0;
  const problems = useMemo(() => check?.(values) ?? {}, [check, values]);
  const mutation = useMutation({
    mutationFn: (sent: Changes) => save(bodyOf(sent)),
    // What was typed while it was on its way stays.
    onSuccess: (_answer, sent) => setDraft(key, Object.fromEntries(Object.entries(now.current.changes).filter(([path, value]) => sent[path] !== value))),
    onError: () => requestAnimationFrame(() => document.querySelector<HTMLElement>('main [aria-invalid="true"]')?.focus()),
  });
  const now = useRef({ base, changes });
  now.current = { base, changes };
  const { mutateAsync, reset } = mutation;

  const set = useCallback((path: string, value: unknown): void => {
    setDraft(key, withChange(now.current.base, now.current.changes, path, value));
    now.current = { ...now.current, changes: withChange(now.current.base, now.current.changes, path, value) };
    reset();
  }, [key, reset]);
  const discard = useCallback(() => { setDraft(key, {}); reset(); }, [key, reset]);
  const submit = useCallback(async (): Promise<boolean> => {
    if (Object.keys(now.current.changes).length === 0) return true;
    if (locked || Object.keys(problems).length > 0) {
      document.querySelector<HTMLElement>('main [aria-invalid="true"]')?.focus();
      return false;
    }
    return mutateAsync(now.current.changes).then(() => true, () => false);
  }, [locked, mutateAsync, problems]);

  useSaveKey(submit);
  const fields = mutation.error instanceof ApiError ? mutation.error.fields : {};
  return {
    values, changes, dirty, locked, problems, discard, save: submit, saving: mutation.isPending, saved: mutation.isSuccess && !dirty, error: mutation.error,
    set: set as Form<T>["set"],
    errorOf: (path) => errorAt(fields, path) ?? problems[path],
  };
}

/** Mod+S saves, also while one is typing. */
function useSaveKey(save: () => Promise<boolean>): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.code !== "KeyS") return;
      event.preventDefault();
      void save();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [save]);
}
