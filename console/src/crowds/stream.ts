/** A crowd's log as the page shows it: in order, without holes, the newest few hundred. Pure. */
import type { Id, LogEntry, Millis } from "../api/types";

export interface Sender { kind: string; id: Id; name: string | null }
export interface Line { seq: number; id: Id; at: Millis; sender: Sender; /** Null once it was deleted. */ text: string | null }
export interface Stream { lines: readonly Line[]; have: number }

/** More are never looked at while a crowd talks. */
export const MOST = 400;

export const beginning = (have: number): Stream => ({ lines: [], have });

/** Takes entries that follow what is there; one that leaves a hole is not taken, and is asked for. */
export function take(stream: Stream, entries: readonly LogEntry[]): Stream {
  const lines = [...stream.lines];
  let { have } = stream;
  for (const entry of entries) {
    if (entry.seq !== have + 1) continue;
    have = entry.seq;
    const data = entry.data as Record<string, unknown>;
    if (entry.type === "message.retracted") {
      const at = lines.findIndex((line) => line.seq === data["target"]);
      const line = lines[at];
      if (line) lines[at] = { ...line, text: null };
    } else if (entry.type === "message.posted" && entry.sender) {
      lines.push({ seq: entry.seq, id: entry.id, at: entry.at, sender: entry.sender as Sender, text: data["kind"] === "text" ? String(data["text"]) : null });
    }
  }
  return have === stream.have ? stream : { lines: lines.slice(-MOST), have };
}

export const renamed = (stream: Stream, ids: readonly string[], name: string): Stream =>
  ({ ...stream, lines: stream.lines.map((line) => (ids.includes(line.sender.id) ? { ...line, sender: { ...line.sender, name } } : line)) });

export const erased = (stream: Stream, ids: readonly string[]): Stream =>
  ({ ...stream, lines: stream.lines.map((line) => (ids.includes(line.sender.id) ? { ...line, text: null, sender: { ...line.sender, name: null } } : line)) });
