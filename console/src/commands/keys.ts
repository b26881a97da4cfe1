/** Which key does what: read by whoever acts on it, by the palette and by the sheet behind `?`. */
export const KEYS = {
  next: ["j", "ArrowDown"], previous: ["k", "ArrowUp"], open: ["Enter"], leave: ["u"],
  view_queued: ["1"], view_mine: ["2"], view_all: ["3"], view_snoozed: ["4"], view_resolved: ["5"],
  search: ["/"], palette: ["Mod+K"], help: ["?"],
  reply: ["r"], note: ["n"], resolve: ["e"], snooze: ["z"], take: ["m"], assign: ["a"], tags: ["t"], card: ["c"], attach: ["f"], visitor: ["v"],
  send: ["Enter"], line: ["Shift+Enter"], canned: ["/"], blur: ["Escape"],
} as const satisfies Record<string, readonly string[]>;

export type KeyName = keyof typeof KEYS;

/** In the order of the sheet. */
export const GROUPS = {
  list: ["next", "previous", "open", "leave", "view_queued", "view_mine", "view_all", "view_snoozed", "view_resolved"],
  anywhere: ["palette", "search", "help"],
  conversation: ["reply", "note", "resolve", "snooze", "take", "assign", "tags", "attach", "card", "visitor"],
  writing: ["send", "line", "canned", "blur"],
} as const satisfies Record<string, readonly KeyName[]>;

const SHOWN: Record<string, string> = { ArrowDown: "↓", ArrowUp: "↑", Escape: "Esc" };
const mac = (): boolean => /Mac|iPhone|iPad/.test(navigator.userAgent);

/** A key as people read it. */
export function keyLabel(key: string): string {
  if (key.startsWith("Mod+")) return mac() ? `⌘ ${key.slice(4)}` : `Ctrl + ${key.slice(4)}`;
  if (key.startsWith("Shift+")) return `Shift + ${key.slice(6)}`;
  return SHOWN[key] ?? (/^[a-z]$/.test(key) ? key.toUpperCase() : key);
}
