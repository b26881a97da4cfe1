/** Single-key shortcuts, silent while somebody types, chooses from a menu, or composes Hangul. */
import { useEffect, useRef } from "react";

type Keys = Record<string, (event: KeyboardEvent) => void>;

function busy(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName)) return true;
  return target.closest('[role="dialog"], [role="menu"], [role="listbox"]') !== null;
}

/** Letters are matched by their place too (`KeyJ`), so that they work while the Hangul layout is on. */
function nameOf(event: KeyboardEvent): string {
  return /^Key[A-Z]$/.test(event.code) ? event.code.slice(3).toLowerCase() : event.key;
}

export function useHotkeys(keys: Keys): void {
  const held = useRef(keys);
  held.current = keys;
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented || busy(event.target)) return;
      const handler = held.current[event.key] ?? held.current[nameOf(event)];
      handler?.(event);
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
}
