/** Where a conversation belongs in the lists that are already loaded. Pure: no cache, no network. */
import type { Conversation, Counts, Id, Page } from "./types";
import type { Filter, Sort, View } from "./queries";

const inView = (conversation: Conversation, view: View, me: Id): boolean => {
  switch (view) {
    case "queued": return conversation.status === "open" && conversation.assignee === null && conversation.agent_since === null;
    case "mine": return conversation.status === "open" && conversation.assignee?.id === me;
    case "all": return conversation.status === "open";
    case "snoozed": return conversation.status === "snoozed";
    case "resolved": return conversation.status === "resolved";
  }
};

/** Whether a list of this view and filter shows the conversation. */
export function belongs(conversation: Conversation, view: View, filter: Pick<Filter, "site" | "tag">, me: Id): boolean {
  if (filter.site !== null && conversation.site.id !== filter.site) return false;
  if (filter.tag !== null && !conversation.tags.includes(filter.tag)) return false;
  return inView(conversation, view, me);
}

/** Negative when `a` stands above `b`: newest first, or who waits longest first and those nobody waits in last. */
export function inOrder(a: Conversation, b: Conversation, sort: Sort): number {
  if (sort === "waiting") {
    const waited = (a.waiting_since ?? Number.MAX_SAFE_INTEGER) - (b.waiting_since ?? Number.MAX_SAFE_INTEGER);
    if (waited !== 0) return waited;
  }
  return b.updated_at - a.updated_at;
}

/** The pages with the conversation where the order puts it, or without it. Past the loaded end it is left out. Pages it does not touch stay the same. */
export function placed(pages: Page<Conversation>[], conversation: Conversation, shown: boolean, sort: Sort = "newest"): Page<Conversation>[] {
  let out = pages.map((page) => (page.items.some((item) => item.id === conversation.id)
    ? { ...page, items: page.items.filter((item) => item.id !== conversation.id) } : page));
  if (!shown) return out;
  const put = (page: number, at: number): Page<Conversation>[] =>
    out.map((one, index) => (index === page ? { ...one, items: one.items.toSpliced(at, 0, conversation) } : one));
  for (const [index, page] of out.entries()) {
    const at = page.items.findIndex((item) => inOrder(conversation, item, sort) <= 0);
    if (at >= 0) return put(index, at);
  }
  const last = out.at(-1);
  if (last && last.next_cursor === null) out = put(out.length - 1, last.items.length);
  return out;
}

/** The numbers on the tabs after one conversation changed; `before` is null for one that has just begun. */
export function counted(counts: Counts, before: Conversation | null, after: Conversation, me: Id): Counts {
  const by = (view: View): number => Number(inView(after, view, me)) - Number(before !== null && inView(before, view, me));
  const next = (held: number, view: View): number => Math.max(0, held + by(view));
  return {
    ...counts, queued: next(counts.queued, "queued"), mine: next(counts.mine, "mine"), open: next(counts.open, "all"),
    snoozed: next(counts.snoozed, "snoozed"), resolved: next(counts.resolved, "resolved"),
  };
}
