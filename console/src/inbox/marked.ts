/** Text cut into what was searched for and what stands around it. Pure. */
import type { Range } from "../api/types";

export interface MarkedPiece { text: string; hit: boolean }

/** `ranges` are in UTF-16 units, as strings here are. Those that lie outside or overlap are cut to what fits. */
export function marked(text: string, ranges: readonly Range[]): MarkedPiece[] {
  const pieces: MarkedPiece[] = [];
  let from = 0;
  for (const [start, length] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const begin = Math.min(text.length, Math.max(from, start));
    const end = Math.min(text.length, Math.max(begin, start + length));
    if (begin > from) pieces.push({ text: text.slice(from, begin), hit: false });
    if (end > begin) pieces.push({ text: text.slice(begin, end), hit: true });
    from = end;
  }
  if (from < text.length) pieces.push({ text: text.slice(from), hit: false });
  return pieces;
}

/** Where the words stand in a text, whatever their case. */
export function rangesOf(text: string, words: string): Range[] {
  const [lower, word] = [text.toLowerCase(), words.toLowerCase()];
  // Letters whose small form is longer than themselves would shift what is marked.
  if (word === "" || lower.length !== text.length) return [];
  const ranges: Range[] = [];
  for (let at = lower.indexOf(word); at >= 0; at = lower.indexOf(word, at + word.length)) ranges.push([at, word.length]);
  return ranges;
}
