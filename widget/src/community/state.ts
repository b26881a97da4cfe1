// What the screen is drawn from: one immutable object, drawn at most once a frame, however fast a crowd talks.

import { useEffect, useState } from 'preact/hooks';
import type { Settings, WireError } from '../shared/wire';
import { EMPTY, type Stream } from './stream';

export interface Crowd {
  id: string;
  channel: string;
  key: string | null;
  name: string;
  writers: 'everybody' | 'identified';
  slow_mode_s: number;
  frozen: boolean;
}

/** Written here and not yet in the log. */
export interface Pending {
  id: string;
  text: string;
  error: WireError | null;
}

export interface State {
  /** `closed`: there is no such crowd, or it was deleted. */
  phase: 'loading' | 'open' | 'closed';
  up: boolean;
  /** Without a connection for long enough to say so. */
  lost: boolean;
  language: string;
  site: Settings | null;
  crowd: Crowd | null;
  members: number;
  stream: Stream;
  pending: Pending[];
  /** The ids that one's own messages have. */
  ids: string[];
  name: string | null;
  identified: boolean;
  /** Muted: until then by this machine's clock, or Infinity. */
  mutedUntil: number;
  /** Slow mode: the next message may go then, by this machine's clock. */
  nextAt: number;
}

export const initial: State = {
  phase: 'loading', up: false, lost: false, language: 'en', site: null, crowd: null, members: 0, stream: EMPTY, pending: [], ids: [], name: null,
  identified: false, mutedUntil: 0, nextAt: 0,
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
      return () => void heard.delete(one);
    },
  };
}

export function useStore(store: Store): State {
  const [state, set] = useState(store.get());
  useEffect(() => {
    let due = 0;
    const draw = (): void => {
      due = 0;
      set(store.get());
    };
    draw();
    // A hidden page has no frames; what came meanwhile is drawn with the first one.
    const stop = store.subscribe(() => void (due ||= requestAnimationFrame(draw)));
    return () => {
      stop();
      cancelAnimationFrame(due);
    };
  }, [store]);
  return state;
}
