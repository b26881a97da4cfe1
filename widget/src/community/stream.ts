// What a crowd's log looks like on the screen: entries in order, the newest few hundred, each under the name its sender has now. Pure.

import type { LogEntry, Sender } from '../shared/wire';

export interface Line {
  seq: number;
  id: string;
  at: number;
  sender: Sender;
  /** Null once it was deleted. */
  text: string | null;
  clientId: string | null;
}

export interface Stream {
  lines: Line[];
  /** Up to here everything is known. */
  have: number;
}

/** More are never looked at, and a phone draws every one of them. */
export const MOST = 300;

export const EMPTY: Stream = { lines: [], have: 0 };

/** Takes entries that follow what is there; what is known already changes nothing. */
export function take(stream: Stream, entries: LogEntry[]): Stream {
  const lines = [...stream.lines];
  let { have } = stream;
  for (const entry of entries) {
    if (entry.seq <= have) continue;
    have = entry.seq;
    if (entry.type === 'message.retracted') {
      const at = lines.findIndex((line) => line.seq === entry.data['target']);
      if (at >= 0) lines[at] = { ...lines[at]!, text: null };
    } else if (entry.type === 'message.posted' && entry.sender) {
      const text = entry.data['kind'] === 'text' ? String(entry.data['text']) : null;
      lines.push({ seq: entry.seq, id: entry.id, at: entry.at, sender: entry.sender, text, clientId: entry.client_message_id ?? null });
    }
  }
  return { lines: lines.slice(-MOST), have };
}

/** Whoever has one of these ids is called so. */
export function rename(stream: Stream, ids: string[], name: string): Stream {
  return { ...stream, lines: stream.lines.map((line) => (ids.includes(line.sender.id) ? { ...line, sender: { ...line.sender, name } } : line)) };
}

/** What somebody who was erased said is no longer shown. */
export function erase(stream: Stream, ids: string[]): Stream {
  const gone = (line: Line): Line => ({ ...line, text: null, sender: { ...line.sender, name: null } });
  return { ...stream, lines: stream.lines.map((line) => (ids.includes(line.sender.id) ? gone(line) : line)) };
}

/** The same person within some minutes is named once. */
export function starts(line: Line, before: Line | undefined): boolean {
  return !before || before.sender.id !== line.sender.id || line.at - before.at > 180000;
}

/** One of so many colours, always the same for the same person. */
export function colorOf(id: string, many: number): number {
  let sum = 0;
  for (const letter of id) sum = (sum * 31 + letter.charCodeAt(0)) >>> 0;
  return sum % many;
}
