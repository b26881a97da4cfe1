/** What can be done at the moment: each place registers its own commands while it is on the screen, keys and palette read them. */
import { useEffect, useRef } from "react";
import { createStore } from "../store";
import { useHotkeys } from "../ui/hotkeys";
import { KEYS, type KeyName } from "./keys";

export interface Command {
  /** Unique; names the text `command.<id>` unless there is a label. */
  id: string;
  label?: string;
  group: "conversation" | "page" | "go" | "self";
  keys?: KeyName;
  run: () => void;
  /** What the key does, where that is less than the command; it decides about the browser's own answer to the key. */
  press?: (event: KeyboardEvent) => void;
}

/** What every place offers, by place; read when the palette opens. */
const places = new Map<symbol, () => readonly Command[]>();
export const paletteOpen = createStore(false);

export const commandsNow = (): Command[] => [...places.values()].reverse().flatMap((list) => list());

/** Offers commands while the component is mounted; those with keys answer to them. */
export function useCommands(commands: readonly Command[]): void {
  const held = useRef(commands);
  held.current = commands;
  useEffect(() => {
    const place = Symbol("place");
    places.set(place, () => held.current);
    return () => { places.delete(place); };
  }, []);
  const byKey: Record<string, (event: KeyboardEvent) => void> = {};
  for (const one of commands) {
    for (const key of one.keys ? KEYS[one.keys] : []) {
      byKey[key] = one.press ?? ((event) => {
        event.preventDefault();
        one.run();
      });
    }
  }
  useHotkeys(byKey);
}
