/** Opens the sheet behind `?` and the palette behind Ctrl/⌘ + K; both come when they are asked for. */
import { lazy, Suspense, useEffect } from "react";
import { paletteOpen } from "../commands/commands";
import { KEYS } from "../commands/keys";
import { createStore, useStore } from "../store";
import { useHotkeys } from "../ui/hotkeys";

const Palette = lazy(() => import("./Palette"));
const ShortcutSheet = lazy(() => import("./ShortcutSheet"));

export const sheetOpen = createStore(false);
export const openShortcuts = (): void => sheetOpen.set(true);

export function Shortcuts() {
  const sheet = useStore(sheetOpen);
  const palette = useStore(paletteOpen);
  useHotkeys({ [KEYS.help[0]]: openShortcuts });
  useEffect(() => {
    // Also from within a field, where single keys are text.
    const onKey = (event: KeyboardEvent): void => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || (event.code !== "KeyK" && event.key !== "k")) return;
      event.preventDefault();
      paletteOpen.set((open) => !open);
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
  return (
    <Suspense fallback={null}>
      {sheet && <ShortcutSheet onClose={() => sheetOpen.set(false)} />}
      {palette && <Palette />}
    </Suspense>
  );
}
