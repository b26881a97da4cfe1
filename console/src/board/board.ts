/** Who is on the sites now: the server's snapshot and what changed since. Pure; the page groups and filters it. */
import type { components } from "../api/schema.gen";
import type { Id } from "../api/types";

export type LiveVisitor = components["schemas"]["LiveVisitor"];
export interface Snapshot { channel: string; version: number; items: LiveVisitor[] }
export interface Delta { version: number; put: LiveVisitor[]; gone: Id[] }
export interface Board { version: number; visitors: ReadonlyMap<Id, LiveVisitor> }

export const boardOf = (snapshot: Snapshot): Board => ({ version: snapshot.version, visitors: new Map(snapshot.items.map((one) => [one.id, one])) });

/** The board after a delta; the same where the snapshot was newer; null where one was missed and the board must be asked for again. */
export function after(board: Board, delta: Delta): Board | null {
  if (delta.version <= board.version) return board;
  if (delta.version !== board.version + 1) return null;
  const visitors = new Map(board.visitors);
  for (const one of delta.put) visitors.set(one.id, one);
  for (const id of delta.gone) visitors.delete(id);
  return { version: delta.version, visitors };
}

export const SHOWN = ["all", "cart", "talking", "silent"] as const;
export type Shown = (typeof SHOWN)[number];
export const GROUPS = ["none", "page", "product"] as const;
export type Grouping = (typeof GROUPS)[number];
export interface Filter { words: string; site: Id | null; shown: Shown }

const talks = (one: LiveVisitor): boolean => one.conversation !== null && one.conversation.status !== "resolved";

export function matches(one: LiveVisitor, { words, site, shown }: Filter): boolean {
  if (site !== null && one.site_id !== site) return false;
  if (shown === "cart" && !one.cart) return false;
  if (shown === "talking" && !talks(one)) return false;
  if (shown === "silent" && talks(one)) return false;
  const word = words.normalize("NFC").trim().toLowerCase();
  const said = [one.name, one.email, one.label, one.page?.title, one.page?.url, one.product?.name, one.referrer, one.language];
  return word === "" || said.some((text) => text?.normalize("NFC").toLowerCase().includes(word));
}

/** An address as one page, whatever campaign led to it. */
export function pageKey(url: string): string {
  try {
    const { host, pathname, searchParams } = new URL(url);
    const kept = [...searchParams].filter(([name]) => !/^(utm_|n_)|^(gclid|fbclid|msclkid|NaPm|kakao_agent)$/.test(name));
    return host + pathname + (kept.length > 0 ? `?${new URLSearchParams(kept).toString()}` : "");
  } catch {
    return url;
  }
}

export interface Group { key: string; title: string; visitors: LiveVisitor[] }

/** Those who match, the newest first, in groups: the largest first, then by name. Ungrouped is one group without a name. */
export function grouped(board: Board, filter: Filter, by: Grouping): Group[] {
  const shown = [...board.visitors.values()].filter((one) => matches(one, filter)).sort((a, b) => b.since - a.since || (a.id < b.id ? 1 : -1));
  if (by === "none") return shown.length > 0 ? [{ key: "", title: "", visitors: shown }] : [];
  const groups = new Map<string, Group>();
  for (const one of shown) {
    const [key, title] = by === "page"
      ? [one.page ? pageKey(one.page.url) : "", one.page?.title || (one.page ? pageKey(one.page.url) : "")]
      : [one.product ? (one.product.id ?? pageKey(one.product.url)) : "", one.product?.name ?? ""];
    const group = groups.get(key) ?? { key, title, visitors: [] };
    group.visitors.push(one);
    groups.set(key, group);
  }
  // Whoever is on no page, or looks at no product, comes last.
  return [...groups.values()].sort((a, b) => Number(a.key === "") - Number(b.key === "") || b.visitors.length - a.visitors.length || a.title.localeCompare(b.title));
}
