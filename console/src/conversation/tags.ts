/** What the tag editor offers. Pure. */
import type { Tag } from "../api/types";

/** As the server allows. */
export const MOST = 20;
const SHOWN = 30;

/** Tags whose name contains what was typed, those on the conversation first; and the name of a new one, where there is none of that name. */
export function choices(known: readonly Tag[], on: readonly string[], typed: string): { list: Pick<Tag, "name" | "color">[]; fresh: string | null } {
  const word = typed.normalize("NFC").trim();
  const lower = word.toLowerCase();
  // One that was put on a moment ago may not be in the list yet.
  const all = [...known, ...on.filter((name) => !known.some((one) => one.name === name)).map((name) => ({ name, color: 0, conversations: 0 }))];
  const list = all.filter((one) => one.name.toLowerCase().includes(lower))
    .sort((a, b) => Number(on.includes(b.name)) - Number(on.includes(a.name)) || b.conversations - a.conversations || a.name.localeCompare(b.name)).slice(0, SHOWN);
  return { list, fresh: word !== "" && !all.some((one) => one.name.toLowerCase() === lower) ? word : null };
}

export const toggled = (on: readonly string[], name: string): string[] =>
  (on.includes(name) ? on.filter((one) => one !== name) : on.length < MOST ? [...on, name] : [...on]);
