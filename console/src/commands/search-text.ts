/** Finds commands by what somebody types: every word somewhere in the label, beginnings of words first. Pure. */
export function matching<T extends { text: string }>(all: readonly T[], typed: string): T[] {
  const words = typed.normalize("NFC").toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [...all];
  const scored = all.flatMap((one) => {
    const score = scoreOf(one.text.normalize("NFC").toLowerCase(), words);
    return score === null ? [] : [{ one, score }];
  });
  return scored.sort((a, b) => a.score - b.score).map(({ one }) => one);
}

/** Lower is better; null when a word is nowhere. */
function scoreOf(text: string, words: readonly string[]): number | null {
  let score = 0;
  for (const word of words) {
    const at = text.indexOf(word);
    if (at < 0) return null;
    score += at === 0 ? 0 : /\s/.test(text[at - 1] ?? "") ? 1 : 3;
  }
  return score;
}
