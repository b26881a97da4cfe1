// What the loader and the panel say to each other over their MessagePort (PROTOCOL section 8).
// The loader owns identity, outbox and drafts (first-party storage); the panel owns the screen, and the socket while it is open.

import type { Answer, Attachment, Offer, Page, Welcome, WireError } from './wire';

/** The handshake, the only thing said by `postMessage`. */
export interface Handshake {
  stalk: 1;
  t: 'ready' | 'port';
}

/** What somebody asked to be sent and the server has not acknowledged yet. `err` marks one that the server refused for good. */
export interface Entry {
  id: string;
  m: 'message.post' | 'offline.post';
  p: MessageIn | OfflineIn;
  at: number;
  err?: WireError;
  /** What an attachment looks like until its log entry comes. */
  show?: Attachment;
}

export interface MessageIn {
  client_message_id: string;
  conversation: string | null;
  text?: string;
  /** The id of an uploaded file; then there is no text. */
  attachment?: string;
}

export interface OfflineIn {
  client_message_id: string;
  name: string;
  email: string;
  text: string;
  page?: Page;
}

/** A sheet in the corner, a part of the shop's page, or a page of its own. */
export type Mode = 'sheet' | 'inline' | 'full';

/** Small things the loader keeps for the panel. */
export type Kept =
  | 'draft'
  /** Name and e-mail of the offline form. */
  | 'offline'
  | 'muted'
  /** Emoji used last. */
  | 'emoji'
  /** The pre-chat form was sent. */
  | 'prechat'
  /** Conversations whose rating was put off. */
  | 'unrated';
export const KEPT: Kept[] = ['draft', 'offline', 'muted', 'emoji', 'prechat', 'unrated'];

export type ToPanel =
  | {
      t: 'init';
      site: string;
      device: string;
      language: string;
      mode: Mode;
      kept: Record<Kept, string | null>;
      outbox: Entry[];
    }
  /** Shown or hidden, and on which page; `focus` when a person asked for it, not when a page reopened what was open. */
  | { t: 'show'; open: boolean; focus: boolean; page: Page }
  /**
   * Be connected, or rest: finish what is asked, then disconnect. `fresh`: whatever connection there is, is dead.
   * `ticket` is null and `page` is set only where the loader cannot connect by itself.
   */
  | { t: 'link'; on: true; ticket: string | null; visit: string; page: Page | null; identity?: string; fresh?: boolean }
  | { t: 'link'; on: false }
  /** The outbox after a change; with `turn` it is also this tab's turn to send, until it says `done`. */
  | { t: 'outbox'; entries: Entry[]; turn?: boolean }
  | { t: 'kept'; k: Kept; v: string | null }
  /** Ask this of the server, and answer with `res`. */
  | { t: 'req'; m: string; p: unknown; id: number }
  /** The shop offers something, and the panel is what the visitor looks at. */
  | { t: 'offer'; offer: Offer }
  | { t: 'sound' };

export type ToLoader =
  | { t: 'close' }
  /** Keep this entry, new or changed. */
  | { t: 'put'; entry: Entry }
  | { t: 'drop'; id: string }
  /** Ask for the turn to send (one tab at a time has it), and give it back. The lock is the shop's origin's: browsers deny ours. */
  | { t: 'turn' }
  | { t: 'done' }
  | { t: 'keep'; k: Kept; v: string | null }
  /** The panel's connection is up or down. */
  | { t: 'live'; up: boolean }
  /** Every welcome of the panel: the loader keeps the ticket and the site's settings. */
  | { t: 'welcome'; welcome: Welcome }
  /** Where the panel's log stands, so that the loader can go on from there. */
  | { t: 'at'; conversation: string; channel: string; have: number; unread: number }
  /** What came of a `req`; null when the connection was lost. */
  | { t: 'res'; id: number; answer: Answer | null }
  /** A message of the shop came in. */
  | { t: 'message'; text: string; name: string | null; at: number }
  /** The shop offers something, and the panel is closed. */
  | { t: 'offer'; offer: Offer }
  /** The ticket, or with 4102 the identity, was refused: make a new one and say `link` again. */
  | { t: 'expired'; code: number }
  /** The visitor had everything about them deleted: keep nothing of it either. */
  | { t: 'forget' };
