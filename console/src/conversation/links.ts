/** Finds web addresses in plain text. Pure; only http and https ever become links. */
export type Piece = { text: string; href: string | null };

const ADDRESS = /\bhttps?:\/\/[^\s<>"']+/giu;
// A sentence's end and an unopened bracket are not part of the address.
const TAIL = /[.,;:!?…"'」』）\]}]+$/u;

export function linked(text: string): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = trimmed(match[0]);
    const href = safe(address);
    if (!href) continue;
    if (match.index > from) pieces.push({ text: text.slice(from, match.index), href: null });
    pieces.push({ text: address, href });
    from = match.index + address.length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from), href: null });
  return pieces;
}

function trimmed(address: string): string {
  let cut = address.replace(TAIL, "");
  while (cut.endsWith(")") && (cut.match(/\(/g)?.length ?? 0) < (cut.match(/\)/g)?.length ?? 0)) cut = cut.slice(0, -1).replace(TAIL, "");
  return cut;
}

/** The address if it parses and is http or https, else null. */
export function safe(address: string): string | null {
  try {
    const url = new URL(address);
    return url.protocol === "http:" || url.protocol === "https:" ? url.href : null;
  } catch {
    return null;
  }
}
