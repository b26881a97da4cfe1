// Finds the addresses in what a person typed. The result is text and http(s) links only; it never becomes markup. Pure.

export interface Piece {
  text: string;
  href?: string;
}

const ADDRESS = /\bhttps?:\/\/[^\s<>"'`]+/gi;
/** Punctuation after an address belongs to the sentence. */
const TAIL = /[.,;:!?…。、)\]}'"]+$/;

export function linkify(text: string): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const found of text.matchAll(ADDRESS)) {
    let address = found[0];
    const tail = TAIL.exec(address)?.[0] ?? '';
    // A bracket that the address itself opened stays with it.
    const keeps = tail.startsWith(')') && address.slice(0, -tail.length).includes('(') ? 1 : 0;
    address = address.slice(0, address.length - tail.length + keeps);
    const href = webAddress(address);
    if (!href) continue;
    if (found.index > from) pieces.push({ text: text.slice(from, found.index) });
    pieces.push({ text: address, href });
    from = found.index + address.length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from) });
  return pieces;
}

/** The address, if it is one of the web; anything else is not followed. */
export function webAddress(address: string | null | undefined): string | null {
  try {
    const url = new URL(address ?? '');
    return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : null;
  } catch {
    return null;
  }
}
