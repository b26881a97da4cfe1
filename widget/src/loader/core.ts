// What the loader's first part (every page of a shop pays for it) gives the second one (`more/`, fetched on first need).

import type { Connection } from '../shared/connection';
import type { Kept } from '../shared/port';
import type { Envelope, Page, Settings, Welcome } from '../shared/wire';
import type { Follower } from './follower';

/** A tuple: property names would be carried by every page. */
export type Core = [
  base: string,
  site: string,
  /** The shadow root of launcher and panel. */
  root: ShadowRoot,
  button: HTMLButtonElement,
  connection: Connection,
  follower: Follower,
  /** What both parts read and write. */
  state: State,
  get: (key: string) => string | null,
  set: (key: string, value: string | null) => void,
  keys: () => string[],
  /** A value that is made once and kept. */
  own: (key: string) => string,
  listen: <E extends Event>(target: EventTarget | null | undefined, name: string, heard: (event: E) => void) => void,
  visit: () => string,
  page: () => Page,
  language: () => string,
  /** Takes a welcome; false when another tab's identity is to be used instead. */
  adopt: (welcome: Welcome) => boolean,
  /** The server refused what we proved ourselves with. */
  forget: (code: number) => boolean,
  render: () => void,
  emit: (name: string, value?: unknown) => void,
  setOpen: (to: boolean, person?: boolean) => void,
  /** What the page asked for that only the second part can do. */
  calls: Call[],
];

/** A call of `stalk`: its name, what came with it, when it was, and on which page. */
export type Call = [name: string, args: unknown[], at: number, page: Page];

export interface State {
  settings?: Settings;
  latest: Welcome | null;
  /** What the shop's server signed about the visitor. */
  identity?: string;
  open: boolean;
  /** A person opened or closed it, and the focus has not followed yet. */
  byPerson: boolean;
  asleep: boolean;
  /** No socket gets through: the panel's fetch is the way. */
  fallback: boolean;
  /** The panel is the connected one. */
  panelUp: boolean;
  /** Where the shop wants the chat in its page. */
  place: HTMLElement | null;
}

export interface More {
  /** Decide again who is connected; `fresh`: whatever connection there was, is dead. */
  sync(fresh?: boolean): void;
  /** Opened or closed. */
  show(): void;
  draw(): void;
  /** Somebody is about to open the panel. */
  warm(): void;
  ring(): void;
  /** The shop offers something, or takes it back. */
  heard(event: Envelope): void;
  /** Another tab changed what is kept. */
  stored(key: Kept, value: string | null): void;
  end(): void;
}

/** An entry of the outbox is a key of its own, so that two tabs never overwrite each other's. What waits begins with `out`. */
export const OUT = 'out:';
