// Where attachments can be had: asked for in one request for all that come on the screen together, again before they expire.

import type { Answer, AttachmentLink } from '../shared/wire';
import type { Store } from './state';

/** So long before its end an address is no longer trusted. */
const SLACK = 60_000;
const MOST = 50;

export interface Links {
  /** This attachment is on the screen; `broken` when what we had did not work. */
  want(conversation: string, id: string, broken?: boolean): void;
  /** Call when there may be a way to ask. */
  drain(): void;
}

export function createLinks(store: Store, request: (m: string, p: unknown) => Promise<Answer | null>): Links {
  const wanted = new Map<string, Set<string>>();
  /** An address that was new and broke all the same is not asked for for ever. */
  const broke = new Set<string>();
  let soon = false;

  const ask = async (conversation: string, ids: string[]): Promise<void> => {
    const answer = await request('attachment.links', { conversation, ids });
    if (!answer) return ids.forEach((id) => note(conversation, id));
    const links = (answer.ok?.links as AttachmentLink[] | undefined) ?? [];
    if (links.length) store.set({ links: { ...store.get().links, ...Object.fromEntries(links.map((link) => [link.id, link])) } });
  };

  const note = (conversation: string, id: string): void => {
    if (!wanted.has(conversation)) wanted.set(conversation, new Set());
    wanted.get(conversation)!.add(id);
  };

  const drain = (): void => {
    soon = false;
    if (!store.get().up) return;
    for (const [conversation, ids] of [...wanted]) {
      wanted.delete(conversation);
      const all = [...ids];
      for (let from = 0; from < all.length; from += MOST) void ask(conversation, all.slice(from, from + MOST));
    }
  };

  return {
    drain,
    want(conversation, id, broken = false) {
      const link = store.get().links[id];
      if (broken ? broke.has(id) : link && link.expires_at - SLACK > Date.now()) return;
      if (broken) broke.add(id);
      note(conversation, id);
      if (!soon) queueMicrotask(drain);
      soon = true;
    },
  };
}
