// What the screen is drawn from: one immutable object, replaced on every change.

import { useEffect, useState } from 'preact/hooks';
import type { Entry, Kept } from '../shared/port';
import type { Conversation, Person, Site, WireError } from '../shared/wire';
import type { Log } from './log';

export interface State {
  ready: boolean;
  open: boolean;
  /** Raised when the panel is shown by a person: the composer takes the focus. */
  focus: number;
  language: string;
  site: Site | null;
  limit: number;
  visitor: { id: string; name: string | null; email: string | null } | null;
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
  typing: Person | null;
  unread: number;
  kept: Record<Kept, string | null>;
  /** The offline form: being written, on its way, or taken. */
  offline: 'form' | 'sending' | 'thanks';
  offlineTo: string;
  offlineError: WireError | null;
}

export const initial: State = {
  ready: false,
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
  typing: null,
  unread: 0,
  kept: { draft: null, offline: null, muted: null },
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
  const { conversation, outbox, acked } = state;
  return (!!conversation && conversation.status !== 'resolved') || acked.length > 0 || outbox.some((entry) => entry.m === 'message.post');
}
