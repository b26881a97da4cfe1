/** The API's types, and nothing else: the generated schemas of schema.gen.ts (`npm run types`) under the names used here. */
import type { components } from "./schema.gen";

type Schemas = components["schemas"];

export type Id = string;
export type Millis = Schemas["Millis"];
export type Language = Schemas["Language"];
export type Role = Schemas["Role"];
export type Availability = Schemas["Availability"];
export type SenderKind = Schemas["SenderKind"];
export type Status = Schemas["Status"];

export type Page<T> = Omit<Schemas["Page_Tag"], "items"> & { items: T[] };
/** Codes are open: the way to the server adds `network` and `timeout`, and a later server may add its own. */
export type ApiProblem = Omit<Schemas["Error"], "code"> & { code: string; request_id?: string };

export type Operator = Schemas["Operator"];
export type Me = Schemas["Me"];
/** What calls this operator back to the console. */
export type Notifications = Schemas["Notifications"];
export type SocketToken = Schemas["SocketToken"];
export type Node = Schemas["Node"];
export type Nodes = Schemas["Nodes"];
export type Site = Schemas["Site"];
export type SiteCreation = Schemas["NewSite"];
export type SiteChange = Schemas["SiteChange"];
export type Person = Schemas["Named"];
export type Watermark = Schemas["Watermark"];
export type Sender = Schemas["Sender"];
export type MessageKind = Schemas["MessageKind"];
export type LastMessage = Schemas["LastMessage"];
export type Rating = Schemas["Rating"];
export type Conversation = Schemas["Conversation"];
export type Counts = Schemas["Counts"];
/** `data` depends on `type`; log/fold.ts reads it. */
export type LogEntry = Schemas["LogEntry"];
export type LogPage = Schemas["LogPage"];
export type Posted = Pick<Schemas["Posted"], "message">;

export type Attachment = Schemas["Attachment"];
export type AttachmentLink = Schemas["AttachmentLink"];
export type SharedAttachment = Schemas["SentAttachment"];
/** With everything it may have named. */
export type Card = Required<Schemas["Card"]>;

export type AttributeValue = Schemas["AttributeValue"];
export type Product = Schemas["Product"];
export type Campaign = Schemas["Campaign"];
export type Visitor = Schemas["Visitor"];
export type VisitorChange = Schemas["VisitorChange"];
export type PageView = Schemas["PageView"];

export type Tag = Schemas["Tag"];
export type CannedResponse = Schemas["CannedResponse"];
/** One that there is. */
export type OwnDraft = Omit<Schemas["Draft"], "updated_at"> & { updated_at: Millis };

export type SearchHit = Schemas["SearchHit"];
/** Where in an excerpt the words were found, in UTF-16 units. */
export type Range = SearchHit["ranges"][number];
export type SearchResult = Schemas["SearchResult"];
export type OfflineMessage = Schemas["OfflineMessage"];
