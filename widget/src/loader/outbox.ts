// What is not acknowledged yet, kept here because the panel has no storage: a stored key per entry, so that two tabs never
// overwrite each other's. The panel decides and sends (panel/sender.ts).

import type { Entry } from '../shared/port';
import type { Store } from './storage';

const KEY = 'out:';

export interface Outbox {
  list(): Entry[];
  put(entry: Entry): void;
  drop(id: string): void;
  /** A stored key of ours, changed by another tab. */
  owns(key: string): boolean;
}

export function createOutbox(store: Store): Outbox {
  return {
    // The ids are UUIDv7: sorted by key is sorted by age.
    list: () => store.keys(KEY).map((key) => JSON.parse(store.get(key)!) as Entry),
    put(entry) {
      // Dropped meanwhile in another tab: it must not come back as failed.
      if (!entry.err || store.get(KEY + entry.id)) store.set(KEY + entry.id, JSON.stringify(entry));
    },
    drop: (id) => store.set(KEY + id, null),
    owns: (key) => key.startsWith(KEY),
  };
}
