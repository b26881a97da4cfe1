// What the server sends and accepts (docs/PROTOCOL.md, sections 3 to 6), as far as a visitor meets it.
// Types only: nothing here may reach a bundle.

export interface Person {
  id: string;
  name: string | null;
}

export interface Sender extends Person {
  kind: 'visitor' | 'operator' | 'virtual_agent' | 'system';
}

export interface Watermarks {
  delivered: number;
  read: number;
}

export interface Conversation {
  id: string;
  channel: string;
  status: 'open' | 'snoozed' | 'resolved';
  last_seq: number;
  assignee: Person | null;
  receipts: { visitor: Watermarks; operator: Watermarks };
  created_at: number;
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

export interface Site {
  name: string;
  language: string | null;
  color: string | null;
  side: 'left' | 'right';
  greeting: string | null;
  available: boolean;
}

export interface Page {
  url: string;
  title: string;
  referrer: string;
}

export interface Hello {
  v: 1;
  site: string;
  ticket: string | null;
  device: string;
  language: string;
  visit: string;
  page: Page | null;
  after?: Record<string, number>;
}

export interface Welcome {
  v: number;
  heartbeat?: number;
  ticket: string;
  visitor: { id: string; name: string | null; email: string | null };
  site: Site;
  conversation: Conversation | null;
  entries: LogEntry[];
  unread: number;
  limits: { text: number };
}

export interface WireError {
  code: string;
  message: string;
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

export interface VisitorEvent {
  event_id: string;
  name: string;
  at: number;
  visit: string;
  page: Page;
  props: Record<string, never>;
}

export interface EventsIn {
  events: VisitorEvent[];
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
