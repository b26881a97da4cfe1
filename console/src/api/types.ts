/** The API's types, and nothing else: the generated schemas of schema.gen.ts (`npm run types`) under the names used here. */
import type { components } from "./schema.gen";

type Schemas = components["schemas"];

/** What the server sends always has its fields; the document marks nullable ones as optional too. */
type Sent<T> = T extends readonly (infer Item)[] ? Sent<Item>[] : T extends object ? { [Name in keyof T]-?: Sent<Exclude<T[Name], undefined>> } : T;

export type Id = string;
export type Millis = number;
export type Role = Schemas["Role"];
export type Availability = Schemas["Availability"];
export type SenderKind = Schemas["SenderKind"];
export type Status = Schemas["Status"];

export interface Page<T> { items: T[]; next_cursor: string | null }
/** Codes are open: the way to the server adds `network` and `timeout`, and a later server may add its own. */
export interface ApiProblem {
  code: string; message: string; fields?: Record<string, string> | null; retry_after_ms?: number | null; request_id?: string;
}

type Language = "ko" | "en";
export type Operator = Sent<Schemas["Operator"]>;
export type Me = Sent<Omit<Schemas["Me"], "operator">> & { operator: Sent<Omit<Schemas["Myself"], "language">> & { language: Language | null } };
export type SocketToken = Sent<Schemas["SocketToken"]>;
export type Site = Sent<Omit<Schemas["Site"], "language" | "side">> & { language: Language; side: "left" | "right" };
export type SiteCreation = Schemas["NewSite"];
export type SiteChange = Schemas["SiteChange"];
export type Person = Schemas["Named_String"];
export type Watermark = Sent<Schemas["Watermark"]>;
export type Sender = Sent<Schemas["Sender"]>;
export type LastMessage = Sent<Schemas["LastMessage"]>;
export type Conversation = Sent<Schemas["Conversation"]>;
export type Counts = Sent<Schemas["Counts"]>;
/** `data` depends on `type`; log/fold.ts reads it. */
export type LogEntry = Sent<Omit<Schemas["LogEntry"], "data">> & { data: unknown };
export interface LogPage { items: LogEntry[]; top: number }
export type Posted = Pick<Sent<Schemas["Posted"]>, "message">;
export type Visitor = Sent<Schemas["Visitor"]>;
export type OfflineMessage = Sent<Schemas["OfflineMessage"]>;
