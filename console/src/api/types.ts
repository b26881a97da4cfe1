/** The API's types, and nothing else. To be replaced by re-exports of the generated `schema.gen.ts`. */
export type Id = string;
export type Millis = number;
export type Role = "owner" | "admin" | "operator";
export type Availability = "online" | "away" | "offline";
export type SenderKind = "visitor" | "operator" | "virtual_agent" | "system";
export type Status = "open" | "snoozed" | "resolved";

export interface Page<T> { items: T[]; next_cursor: string | null }
export interface ApiProblem {
  code: string; message: string; fields?: Record<string, string>; retry_after_ms?: number; request_id?: string;
}
export interface Operator { id: Id; name: string; role: Role; availability: Availability; present: boolean }
export interface Me {
  operator: Operator & { email: string; language: "ko" | "en" | null };
  tenant: { id: Id; name: string };
  widget_url: string;
}
export interface MeChange { name?: string; language?: "ko" | "en"; availability?: Availability }
export interface SocketToken { token: string; expires_at: Millis }
export interface Site {
  id: Id; key: string; name: string; language: "ko" | "en"; color: string; side: "left" | "right"; greeting: string | null;
  domains: string[]; reopen_days: number; offline_email: string | null; snippet: string; last_seen_at: Millis | null; created_at: Millis;
}
export interface SiteCreation { name: string; domains: string[]; language: "ko" | "en" }
export interface SiteChange {
  name?: string; domains?: string[]; language?: "ko" | "en"; color?: string; side?: "left" | "right";
  greeting?: string | null; reopen_days?: number; offline_email?: string | null;
}
export interface Person { id: Id; name: string }
export interface Watermark { delivered: number; read: number }
export interface Sender { kind: SenderKind; id: Id; name: string | null }
export interface LastMessage { seq: number; sender: Sender; text: string; at: Millis }
export interface Conversation {
  id: Id; channel: string; notes_channel: string; site: { id: Id; name: string };
  visitor: { id: Id; name: string | null; email: string | null; label: string; present: boolean };
  status: Status; assignee: Person | null; last_seq: number; last_note_seq: number;
  last_message: LastMessage | null; waiting_since: Millis | null; unread: number;
  receipts: { visitor: Watermark; operator: Watermark };
  page: { url: string; title: string } | null; previous_id: Id | null; created_at: Millis; updated_at: Millis;
}
export interface Counts { queued: number; mine: number; open: number; resolved: number; offline_unread: number }
export interface LogEntry {
  v: 1; id: Id; type: string; at: Millis; conversation: Id; seq: number; sender: Sender; client_message_id: Id | null; data: unknown;
}
export interface LogPage { items: LogEntry[]; top: number }
export interface Posted { message: { id: Id; seq: number; at: Millis } }
export interface Visitor {
  id: Id; site_id: Id; name: string | null; email: string | null; label: string; present: boolean; language: string | null;
  user_agent: string | null; first_seen_at: Millis; last_seen_at: Millis; visits: number;
  current_page: { url: string; title: string; referrer: string | null } | null;
}
export interface OfflineMessage {
  id: Id; site: { id: Id; name: string }; visitor_id: Id; name: string; email: string; text: string;
  page: { url: string; title: string } | null; at: Millis; read_at: Millis | null;
}
