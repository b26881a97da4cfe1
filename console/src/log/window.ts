/** A contiguous stretch of one log: everything from `first` up to `have`. Pure; PROTOCOL.md section 5. */
import type { LogEntry } from "../api/types";

export interface LogWindow {
  /** Lowest seq held, or `have + 1` where nothing is. */
  first: number;
  /** Highest seq up to which everything is held. */
  have: number;
  entries: readonly LogEntry[];
}

export const emptyWindow = (have = 0): LogWindow => ({ first: have + 1, have, entries: [] });

/** The newest page of a log, oldest entry first. */
export function windowOf(items: readonly LogEntry[]): LogWindow {
  const head = items[0];
  const last = items.at(-1);
  return head && last ? { first: head.seq, have: last.seq, entries: items } : emptyWindow();
}

/**
 * Applies entries in order: `have + 1` is taken, lower ones are dropped, a higher one tells of a hole.
 * `hole` is true when something above the result exists and is not held.
 */
export function applied(window: LogWindow, incoming: readonly LogEntry[]): { window: LogWindow; hole: boolean } {
  const fresh: LogEntry[] = [];
  let have = window.have;
  let hole = false;
  for (const entry of [...incoming].sort((a, b) => a.seq - b.seq)) {
    if (entry.seq <= have) continue;
    if (entry.seq > have + 1) {
      hole = true;
      break;
    }
    fresh.push(entry);
    have = entry.seq;
  }
  return fresh.length === 0 ? { window, hole } : { window: { ...window, have, entries: [...window.entries, ...fresh] }, hole };
}

/** Adds an older page below; pages that do not touch the window are refused by leaving it as it is. */
export function prepended(window: LogWindow, older: readonly LogEntry[]): LogWindow {
  const below = older.filter((entry) => entry.seq < window.first);
  const head = below[0];
  const last = below.at(-1);
  if (!head || !last || last.seq !== window.first - 1) return window;
  return { ...window, first: head.seq, entries: [...below, ...window.entries] };
}
