// What the screen is drawn from: one immutable object, replaced on every change.

import { useEffect, useState } from 'preact/hooks';
import type { Entry, Kept, Mode } from '../shared/port';
import type { AttachmentLink, Conversation, Offer, Person, Site, Visitor, WireError } from '../shared/wire';
import type { Log } from './log';

/** What is shown below the header. */
export type View = 'chat' | 'list' | 'transcript' | 'data' | 'end';

/** A file on its way to the server; once it is there it becomes an entry of the outbox. */
export interface Upload {
  id: string;
  at: number;
  name: string;
  size: number;
  media_type: string;
  /** A blob address of a picture. */
  preview: string | null;
  /** 0 to 1. */
  progress: number;
  /** Why it failed, in the server's words or none. */
  err: WireError | null;
}

export interface State {
  ready: boolean;
  mode: Mode;
  view: View;
  open: boolean;
  /** Raised when the panel is shown by a person: the composer takes the focus. */
  focus: number;
  language: string;
  site: Site | null;
  limit: number;
  visitor: Visitor | null;
  up: boolean;
  /** Down for long enough to say so. */
  lost: boolean;
  refused: boolean;
  conversation: Conversation | null;
  log: Log | null;
  /** Logs of earlier conversations seen in this panel's life: a linked one does not wipe the screen. */
  past: Log[];
  loadingOlder: boolean;
  outbox: Entry[];
  acked: Entry[];
  uploads: Upload[];
  /** Where attachments can be had, by their id. */
  links: Record<string, AttachmentLink>;
  typing: Person | null;
  /** What the shop offers now. */
  offer: Offer | null;
  unread: number;
  /** What follows this number was unread when the panel was opened. */
  newFrom: number | null;
  kept: Record<Kept, string | null>;
  /** The offline form: being written, on its way, or taken. */
  offline: 'form' | 'sending' | 'thanks';
  offlineTo: string;
  offlineError: WireError | null;
}

export const initial: State = {
  ready: false,
  mode: 'sheet',
  view: 'chat',
  open: false,
  focus: 0,
  language: 'en',
  site: null,
  limit: 8000,
  visitor: null,
  up: false,
  lost: false,
  refused: false,
  conversation: null,
  log: null,
  past: [],
  loadingOlder: false,
  outbox: [],
  acked: [],
  uploads: [],
  links: {},
  typing: null,
  offer: null,
  unread: 0,
  newFrom: null,
  kept: { draft: null, offline: null, muted: null, emoji: null, prechat: null, unrated: null },
  offline: 'form',
  offlineTo: '',
  offlineError: null,
};

export interface Store {
  get(): State;
  set(change: Partial<State>): void;
  subscribe(heard: () => void): () => void;
}

export function createStore(): Store {
  let state = initial;
  const heard = new Set<() => void>();
  return {
    get: () => state,
    set(change) {
      state = { ...state, ...change };
      for (const one of heard) one();
    },
    subscribe(one) {
      heard.add(one);
      return () => heard.delete(one);
    },
  };
}

export function useStore(store: Store): State {
  const [state, set] = useState(store.get());
  useEffect(() => {
    set(store.get());
    return store.subscribe(() => set(store.get()));
  }, [store]);
  return state;
}

/** A person is, or may be, waiting for the answer to a chat; then there is always a place to write. */
export function conversing(state: State): boolean {
  const { conversation, outbox, acked, uploads } = state;
  const written = acked.length + uploads.length > 0 || outbox.some((entry) => entry.m === 'message.post');
  return (!!conversation && conversation.status !== 'resolved') || written;
}

/** The shop wants to know something before the first message. */
export function beforeChat(state: State): boolean {
  const { site, visitor, kept, conversation } = state;
  return !!site?.prechat?.enabled && !visitor?.prechat_done && !kept.prechat && !conversation && !conversing(state);
}
