// What the server sends and accepts (docs/PROTOCOL.md, sections 3 to 6), as far as a visitor meets it.
// Types only: nothing here may reach a bundle.

export interface Person {
  id: string;
  name: string | null;
  photo_url?: string | null;
}

export interface Sender extends Person {
  kind: 'visitor' | 'operator' | 'virtual_agent' | 'system';
}

export interface Watermarks {
  delivered: number;
  read: number;
}

export interface Rating {
  score: number;
  comment: string | null;
}

export interface Conversation {
  id: string;
  channel: string;
  status: 'open' | 'snoozed' | 'resolved';
  last_seq: number;
  assignee: Person | null;
  receipts: { visitor: Watermarks; operator: Watermarks };
  created_at: number;
  /** 1 = next; null when nobody waits in a queue. */
  queue_position?: number | null;
  rating?: Rating | null;
}

/** A row of `conversations.list`. */
export interface PastConversation extends Conversation {
  last_message: { side: 'visitor' | 'operator'; kind: string; text: string; at: number } | null;
}

/** One envelope for everything published. `seq` stands in log entries only. */
export interface Envelope {
  v: number;
  id: string;
  type: string;
  at: number;
  conversation?: string;
  seq?: number;
  sender?: Sender | null;
  client_message_id?: string | null;
  data: Record<string, unknown>;
}

export interface LogEntry extends Envelope {
  seq: number;
}

export interface Attachment {
  id: string;
  name: string;
  media_type: string;
  size: number;
  width?: number | null;
  height?: number | null;
}

export interface AttachmentLink {
  id: string;
  url: string;
  thumbnail_url: string | null;
  expires_at: number;
}

export interface Card {
  title: string;
  text?: string | null;
  image_url?: string | null;
  url?: string | null;
  price?: string | null;
  buttons?: { label: string; url: string }[];
}

/** What the shop offers, in the visitor's language (`promotion.offered`). */
export interface Offer {
  id: string;
  promotion: string;
  look: 'bubble' | 'banner' | 'card';
  title: string;
  text: string | null;
  button: string | null;
  /** Where the button leads; without one it opens the chat. */
  url: string | null;
  image_url: string | null;
  coupon: string | null;
  /** The page it is meant for. */
  page: string;
}

export type Asked = 'off' | 'optional' | 'required';

/** What a closed page needs of a site, and all that a `lite` welcome carries. */
export interface Settings {
  name: string;
  language: string | null;
  color: string | null;
  side: 'left' | 'right';
  available: boolean;
  theme?: 'auto' | 'light' | 'dark';
  launcher?: 'circle' | 'pill' | 'hidden';
  launcher_label?: string | null;
  offset_x?: number;
  offset_y?: number;
  /** The shop's subdomains share the visitor's ticket in a cookie. Known from a panel's welcome on. */
  cookie_domain?: string | null;
}

/** The rest came later than the first widgets: every field may be missing. */
export interface Site extends Settings {
  greeting: string | null;
  /** Outside its business hours: when they begin again. */
  opens_at?: number | null;
  /** A virtual agent answers where nobody is there. */
  agent?: boolean;
  texts?: Partial<Record<'title' | 'greeting' | 'placeholder' | 'offline_intro' | 'prechat_intro' | 'away', string>>;
  prechat?: { enabled: boolean; name: Asked; email: Asked; question: boolean };
  files?: { enabled: boolean; max_mib: number; types: 'images' | 'all' };
  typing_preview?: boolean;
  rating?: boolean;
  transcript?: boolean;
  visitor_data?: boolean;
  sound?: boolean;
  operators?: { name: string; photo_url: string | null }[];
  reply_time_s?: number | null;
  identity_required?: boolean;
}

export interface Product {
  id: string | null;
  name: string;
  price: string | null;
  currency: string | null;
  image: string | null;
  url: string;
  in_stock: boolean | null;
}

export interface Page {
  url: string;
  title: string;
  referrer: string;
  product?: Product | undefined;
}

export interface Hello {
  v: 1;
  site: string;
  ticket: string | null;
  device: string;
  language: string;
  visit: string;
  page: Page | null;
  after?: Record<string, number> | undefined;
  time_zone?: string;
  /** A JWT of the shop's server. */
  identity?: string | undefined;
  /** Only what a closed page needs. */
  lite?: true;
}

export interface Visitor {
  id: string;
  name: string | null;
  email: string | null;
  identified?: boolean;
  prechat_done?: boolean;
}

export interface Welcome {
  v: number;
  heartbeat?: number;
  ticket: string;
  visitor: Visitor;
  site: Site;
  conversation: Conversation | null;
  entries: LogEntry[];
  unread: number;
  limits: { text: number };
}

export interface WireError {
  code: string;
  message: string;
  /** Which refusal of its code it is, where people are told. */
  reason?: string;
  fields?: Record<string, string>;
  retry_after_ms?: number;
}

export interface Answer<T = Record<string, unknown>> {
  ok?: T;
  err?: WireError;
}

export interface Since {
  entries: LogEntry[];
  top: number;
  more: boolean;
}

export interface Posted {
  message: { id: string; seq: number; at: number };
  conversation: Conversation;
  channel: string;
}

export interface SinceIn {
  channel: string;
  after: number;
  limit?: number;
}

/** An event of `event.track`. */
export interface TrackedEvent {
  v: 1;
  /** UUIDv7: counts once. */
  id: string;
  at: number;
  visit: string;
  kind: string;
  name?: string;
  page: Page;
  props?: Record<string, unknown>;
}

/** A frame of the loader's WebSocket (section 1), whatever its `t`. */
export interface Frame extends Welcome {
  t: string;
  id: number;
  ok?: Record<string, unknown>;
  err?: WireError;
  ch: string;
  d: Envelope;
  top: Record<string, number>;
  code: number;
  retry_after_ms?: number;
}
