/** Canned responses: finding the one that is meant by what follows `/`, and filling in what stands between braces. Pure. */
import type { CannedResponse, Conversation, Visitor } from "../api/types";

/** The `/word` that ends at the caret, if it begins the text or follows a space. */
export function cannedToken(text: string, caret: number): { from: number; typed: string } | null {
  const match = /(?:^|\s)\/([^\s/]{0,40})$/u.exec(text.slice(0, caret));
  if (!match) return null;
  const typed = match[1] ?? "";
  return { from: caret - typed.length - 1, typed };
}

/** Those of this site or of all; shortcuts that begin so first, then those that contain it, then texts that do. */
export function cannedFor(all: readonly CannedResponse[], typed: string, site: string): CannedResponse[] {
  const word = typed.normalize("NFC").toLowerCase();
  const rank = (one: CannedResponse): number => {
    const shortcut = one.shortcut.normalize("NFC").toLowerCase();
    if (shortcut.startsWith(word)) return 0;
    if (shortcut.includes(word)) return 1;
    return one.text.normalize("NFC").toLowerCase().includes(word) ? 2 : 3;
  };
  return all.filter((one) => (one.site_id === null || one.site_id === site) && rank(one) < 3)
    .sort((a, b) => rank(a) - rank(b) || a.shortcut.localeCompare(b.shortcut));
}

export type Filling = Record<string, string | null>;

export function fillingOf(conversation: Conversation, visitor: Visitor | undefined, operator: string): Filling {
  const page = visitor?.page ?? conversation.page;
  return {
    "visitor.name": visitor?.name ?? conversation.visitor.name, "operator.name": operator, "site.name": conversation.site.name,
    "page.title": page?.title || null, "page.url": page?.url ?? null,
  };
}

/**
 * `{{visitor.name|there}}` becomes the name, or "there" while it is not known; where nothing stands for it, the space before goes too
 * ("Hello, …"). Unknown words stay as they are, to be seen before sending.
 */
export function filled(text: string, values: Filling): string {
  return text.replace(/( ?)\{\{\s*([\w.]+)\s*(?:\|([^{}]*))?\}\}/g, (whole, space: string, name: string, fallback: string | undefined) => {
    if (!(name in values)) return whole;
    const value = values[name] ?? fallback ?? "";
    return value === "" ? "" : space + value;
  });
}
