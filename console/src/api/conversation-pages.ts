/** Where a conversation belongs in the lists that are already loaded. Pure: no cache, no network. */
import type { Conversation, Id, Page } from "./types";
import type { View } from "./queries";

/** Whether a list of this view (and site, or all sites) shows the conversation. */
export function belongs(conversation: Conversation, view: View, site: Id | null, me: Id): boolean {
  if (site !== null && conversation.site.id !== site) return false;
  switch (view) {
    case "queued": return conversation.status === "open" && conversation.assignee === null;
    case "mine": return conversation.status === "open" && conversation.assignee?.id === me;
    case "all": return conversation.status === "open";
    case "resolved": return conversation.status === "resolved";
  }
}

/** The pages with the conversation where its `updated_at` puts it, or without it. Past the loaded end it is left out. */
export function placed(pages: Page<Conversation>[], conversation: Conversation, shown: boolean): Page<Conversation>[] {
  const without = pages.map((page) => ({ ...page, items: page.items.filter((item) => item.id !== conversation.id) }));
  if (!shown) return without;
  for (const page of without) {
    const at = page.items.findIndex((item) => item.updated_at <= conversation.updated_at);
    if (at >= 0) {
      page.items.splice(at, 0, conversation);
      return without;
    }
  }
  const last = without.at(-1);
  if (last && last.next_cursor === null) last.items.push(conversation);
  return without;
}
