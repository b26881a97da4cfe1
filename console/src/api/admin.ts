/** What the settings read and write: sites whole, people, invitations, tags, canned responses, one's own logins. */
import { queryOptions } from "@tanstack/react-query";
import { call } from "./client";
import type { components } from "./schema.gen";
import type { Id, Language, Page, Site as PlainSite } from "./types";

type Schemas = components["schemas"];

export type { Language };
export type Week = Schemas["Week"];
export type Day = keyof Week;
/** From and to, "HH:MM" in the site's time zone; "24:00" ends a day. */
export type Span = Week[Day][number];
/** `always` leaves what else was set alone, so that turning it off again brings it back. */
export type BusinessHours = Schemas["BusinessHours"] & { week: Week; closed: string[] };
export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const satisfies Day[];

export type RoutingMode = Schemas["RoutingMode"];
export const ROUTING_MODES: readonly RoutingMode[] = ["least_busy", "fewest_today", "round_robin", "manual"];

export const LANGUAGES = ["ko", "en"] as const satisfies Language[];
export type TextName = keyof Schemas["SiteTexts"];
export const TEXTS = ["title", "greeting", "placeholder", "away", "offline_intro", "prechat_intro"] as const satisfies TextName[];
export type Need = Schemas["PrechatField"];

/** A site with the hours that its form shows, also where it is open at all times. */
export type Site = Omit<PlainSite, "business_hours"> & { business_hours: BusinessHours };

const WORKDAY: Span[] = [["09:00", "12:00"], ["13:00", "18:00"]];
export const USUAL_WEEK: Week = { mon: WORKDAY, tue: WORKDAY, wed: WORKDAY, thu: WORKDAY, fri: WORKDAY, sat: [], sun: [] };

export const wholeSite = (site: PlainSite): Site =>
  ({ ...site, business_hours: { closed: [], ...site.business_hours, week: { ...USUAL_WEEK, ...site.business_hours.week } } });

export const adminSiteQuery = (id: Id) => queryOptions({
  queryKey: ["site", id],
  queryFn: () => call<PlainSite>("GET", `/sites/${id}`),
  select: wholeSite,
});

export type IdentitySecret = Schemas["IdentitySecret"];

export type Colleague = Schemas["Operator"];

export const colleaguesQuery = queryOptions({
  queryKey: ["operators", "all"],
  queryFn: async () => (await call<Page<Colleague>>("GET", "/operators?all=true")).items,
  staleTime: 15_000,
});

export type Invitation = Schemas["Invitation"];
export const invitationsQuery = queryOptions({
  queryKey: ["invitations"],
  queryFn: async () => (await call<Page<Invitation>>("GET", "/invitations?limit=200")).items,
  staleTime: 15_000,
});

/** `color` is the place in the eight colours of `ui/TagChip`. */
export type Tag = Schemas["Tag"];
export const adminTagsQuery = queryOptions({
  queryKey: ["tags"],
  queryFn: async () => (await call<Page<Tag>>("GET", "/tags?limit=200")).items,
  staleTime: 15_000,
});

export type CannedResponse = Schemas["CannedResponse"];
export const adminCannedQuery = queryOptions({
  queryKey: ["canned-responses"],
  queryFn: async () => (await call<Page<CannedResponse>>("GET", "/canned-responses?limit=200")).items,
  staleTime: 15_000,
});

export type LoginSession = Schemas["LoginSession"];
export const loginSessionsQuery = queryOptions({
  queryKey: ["login-sessions"],
  queryFn: async () => (await call<Page<LoginSession>>("GET", "/me/login-sessions")).items,
});

/** What of oneself is a matter of taste. */
export type Preferences = Pick<Schemas["Myself"], "language" | "theme" | "density" | "time_zone" | "notifications" | "photo_url">;
