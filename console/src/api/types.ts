/** The API's types, and nothing else: the generated schemas of schema.gen.ts (`npm run types`) under the names used here. */
import type { components } from "./schema.gen";

type Schemas = components["schemas"];

export type Id = string;
export type Millis = number;
export type Role = Schemas["Role"];
export type Availability = Schemas["Availability"];
export type SenderKind = Schemas["SenderKind"];
export type Status = Schemas["Status"];

export interface Page<T> { items: T[]; next_cursor: string | null }
/** Codes are open: the way to the server adds `network` and `timeout`, and a later server may add its own. */
export interface ApiProblem {
  code: string; message: string; reason?: Schemas["Reason"] | null; fields?: Record<string, string> | null; retry_after_ms?: number | null; request_id?: string;
}

type Language = "ko" | "en";
export type Operator = Schemas["Operator"] & { capacity?: number | null; photo_url?: string | null; deactivated_at?: Millis | null };
/** What calls this operator back to the console. */
export interface Notifications { sound: boolean; sound_repeat: boolean; desktop: boolean }
export type Me = Omit<Schemas["Me"], "operator"> & {
  operator: Omit<Schemas["Myself"], "language"> & { language: Language | null; photo_url?: string | null; notifications?: Notifications };
};
export type SocketToken = Schemas["SocketToken"];
export type Node = Schemas["Node"];
export type Nodes = Schemas["Nodes"];
export type Site = Omit<Schemas["Site"], "language" | "side"> & { language: Language; side: "left" | "right" };
export type SiteCreation = Schemas["NewSite"];
export type SiteChange = Schemas["SiteChange"];
export type Person = Schemas["Named_String"];
export type Watermark = Schemas["Watermark"];
export type Sender = Schemas["Sender"];
/** What a message is made of; log/fold.ts reads it. */
export type MessageKind = "text" | "attachment" | "card";
export type LastMessage = Schemas["LastMessage"] & { kind?: MessageKind };
export interface Rating { score: number; comment: string | null }
export type Conversation = Schemas["Conversation"] & {
  last_message: LastMessage | null; rating?: Rating | null;
};
export type Counts = Schemas["Counts"];
/** `data` depends on `type`; log/fold.ts reads it. */
export type LogEntry = Omit<Schemas["LogEntry"], "data"> & { data: unknown };
export interface LogPage { items: LogEntry[]; top: number }
export type Posted = Pick<Schemas["Posted"], "message">;

export interface Attachment { id: Id; name: string; media_type: string; size: number; width: number | null; height: number | null }
export interface AttachmentLink { id: Id; url: string; thumbnail_url: string | null; expires_at: Millis }
export type SharedAttachment = Attachment & { seq: number; at: Millis; side: "visitor" | "operator" };
export interface CardButton { label: string; url: string }
export interface Card { title: string; text: string | null; image_url: string | null; url: string | null; price: string | null; buttons: CardButton[] }

export type AttributeValue = string | number | boolean;
export interface Product {
  id: string | null; name: string; price: string | number | null; currency: string | null; image: string | null; url: string; in_stock: boolean | null;
}
export interface Campaign { source: string | null; medium: string | null; name: string | null }
export type Visitor = Omit<Schemas["Visitor"], "current_page" | "label" | "attributes"> & {
  identified: boolean; external_id: string | null; attributes: Record<string, AttributeValue>; time_zone: string | null;
  device: { browser: string | null; os: string | null; kind: string | null } | null;
  page: { url: string; title: string; since: Millis } | null; product: Product | null; referrer: string | null; campaign: Campaign | null;
};
export interface VisitorChange { name?: string | null; email?: string | null; attributes?: Record<string, AttributeValue | null> }
export interface PageView { at: Millis; left_at: Millis | null; url: string; title: string; visit_id: Id }

export interface Tag { id: Id; name: string; color: number; conversations: number }
export interface CannedResponse { id: Id; shortcut: string; text: string; site_id: Id | null; updated_at: Millis; created_by: Person | Id | null }
export interface Draft { text: string; note?: boolean; updated_at?: Millis }
export interface OwnDraft { conversation_id: Id; text: string; note: boolean; updated_at: Millis }

/** Where in an excerpt the words were found, in UTF-16 units. */
export type Range = [start: number, length: number];
export interface SearchHit { seq: number; note: boolean; at: Millis; sender_name: string | null; text: string; ranges: Range[] }
export interface SearchResult { conversation: Conversation; hits: SearchHit[]; visitor_match: boolean }
export type OfflineMessage = Schemas["OfflineMessage"];
