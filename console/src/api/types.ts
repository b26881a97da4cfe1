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
  code: string; message: string; fields?: Record<string, string> | null; retry_after_ms?: number | null; request_id?: string;
}

type Language = "ko" | "en";
export type Operator = Schemas["Operator"];
export type Me = Omit<Schemas["Me"], "operator"> & { operator: Omit<Schemas["Myself"], "language"> & { language: Language | null } };
export type SocketToken = Schemas["SocketToken"];
export type Site = Omit<Schemas["Site"], "language" | "side"> & { language: Language; side: "left" | "right" };
export type SiteCreation = Schemas["NewSite"];
export type SiteChange = Schemas["SiteChange"];
export type Person = Schemas["Named_String"];
export type Watermark = Schemas["Watermark"];
export type Sender = Schemas["Sender"];
export type LastMessage = Schemas["LastMessage"];
export type Conversation = Schemas["Conversation"];
export type Counts = Schemas["Counts"];
/** `data` depends on `type`; log/fold.ts reads it. */
export type LogEntry = Omit<Schemas["LogEntry"], "data"> & { data: unknown };
export interface LogPage { items: LogEntry[]; top: number }
export type Posted = Pick<Schemas["Posted"], "message">;
export type Visitor = Schemas["Visitor"];
export type OfflineMessage = Schemas["OfflineMessage"];
