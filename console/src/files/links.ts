/** Where files can be seen and fetched: signed addresses, asked for many at once and again before they expire. */
import { call } from "../api/client";
import type { AttachmentLink, Id } from "../api/types";
import { retryDelay } from "../outbox/outbox";
import { createStore, useStore } from "../store";
import { useEffect } from "react";

export const links = createStore<Record<Id, AttachmentLink>>({});
const asked = new Set<Id>();
const wanted = new Map<Id, Set<Id>>();
const EARLY = 60_000;
const AT_ONCE = 50;
const TRIES = 8;
let timer: ReturnType<typeof setTimeout> | null = null;

const isFresh = (link: AttachmentLink | undefined): boolean => link !== undefined && link.expires_at - EARLY > Date.now();

export function wantLink(conversation: Id, file: Id): void {
  if (isFresh(links.get()[file]) || asked.has(file)) return;
  asked.add(file);
  wanted.set(conversation, (wanted.get(conversation) ?? new Set()).add(file));
  // One request for all files that come onto the screen together.
  timer ??= setTimeout(() => {
    timer = null;
    const now = [...wanted];
    wanted.clear();
    for (const [id, files] of now) void ask(id, [...files]);
  }, 30);
}

async function ask(conversation: Id, ids: Id[]): Promise<void> {
  for (let from = 0; from < ids.length; from += AT_ONCE) await askFor(conversation, ids.slice(from, from + AT_ONCE), 0);
}

async function askFor(conversation: Id, some: Id[], attempt: number): Promise<void> {
  const answer = await call<{ links: AttachmentLink[] }>("POST", `/conversations/${conversation}/attachment-links`, { body: { ids: some } }).catch(() => null);
  // A file that is just being sent belongs to the conversation a moment later; and what shows it may be drawn anew meanwhile, without asking twice.
  if (!answer && attempt < TRIES) {
    setTimeout(() => void askFor(conversation, some, attempt + 1), retryDelay(attempt, null, Math.random()));
    return;
  }
  for (const id of some) asked.delete(id);
  if (answer) links.set((all) => ({ ...all, ...Object.fromEntries(answer.links.map((link) => [link.id, link])) }));
}

/** A link that is good now, or null until there is one. */
export function useLink(conversation: Id, file: Id): AttachmentLink | null {
  const link = useStore(links)[file];
  const fresh = isFresh(link);
  useEffect(() => { if (!fresh) wantLink(conversation, file); }, [conversation, file, fresh]);
  return fresh && link ? link : null;
}
