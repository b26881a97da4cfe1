// The receiver's rule (PROTOCOL section 5) for one conversation's log. Pure: what to fetch is decided here, fetched elsewhere.

import type { LogEntry } from '../shared/wire';

export interface Log {
  conversation: string;
  channel: string;
  /** Everything from the first held entry to `have` is here, without a hole. */
  have: number;
  entries: LogEntry[];
}

export function emptyLog(conversation: string, channel: string, have = 0): Log {
  return { conversation, channel, have, entries: [] };
}

/** The seq of the oldest entry held; `have + 1` when none is. */
export function firstSeq(log: Log): number {
  return log.entries[0]?.seq ?? log.have + 1;
}

export interface Taken {
  log: Log;
  /** Entries that were new, in order. */
  fresh: LogEntry[];
  /** Something between `have` and what was offered is missing: fetch after `log.have`. */
  hole: boolean;
}

/** Offers entries in any order and number; takes those that continue the log. */
export function take(log: Log, offered: LogEntry[]): Taken {
  const fresh: LogEntry[] = [];
  let have = log.have;
  let hole = false;
  for (const entry of [...offered].sort((a, b) => a.seq - b.seq)) {
    if (entry.seq === have + 1) {
      fresh.push(entry);
      have++;
    } else if (entry.seq > have) hole = true;
  }
  if (!fresh.length) return { log, fresh, hole };
  return { log: { ...log, have, entries: [...log.entries, ...fresh] }, fresh, hole };
}

/** A log from the newest entries alone (a welcome without `after`): older ones are asked for when wanted. */
export function fromNewest(conversation: string, channel: string, entries: LogEntry[], lastSeq: number): Taken {
  const first = entries[0];
  const start = emptyLog(conversation, channel, first ? first.seq - 1 : lastSeq);
  return take(start, entries);
}

/** What `channel.since` must be asked for to get the `count` entries before the oldest held. */
export function olderRange(log: Log, count: number): { after: number; limit: number } | null {
  const first = firstSeq(log);
  if (first <= 1) return null;
  const after = Math.max(0, first - 1 - count);
  return { after, limit: first - 1 - after };
}

/** Puts older entries before the held ones; refuses any that would leave a hole. */
export function prepend(log: Log, older: LogEntry[]): Log {
  let first = firstSeq(log);
  const fitting: LogEntry[] = [];
  for (const entry of [...older].sort((a, b) => b.seq - a.seq)) {
    if (entry.seq === first - 1) {
      fitting.unshift(entry);
      first--;
    }
  }
  return fitting.length ? { ...log, entries: [...fitting, ...log.entries] } : log;
}
