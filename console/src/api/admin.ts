/** What the settings read and write: sites whole, people, invitations, tags, canned responses, one's own logins. */
import { queryOptions } from "@tanstack/react-query";
import { call } from "./client";
import type { components } from "./schema.gen";
import type { Id, Page, Site as PlainSite } from "./types";

type Schemas = components["schemas"];

export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Day = (typeof DAYS)[number];
/** From and to, "HH:MM" in the site's time zone; "24:00" ends a day. */
export type Span = [string, string];
export type Week = Record<Day, Span[]>;
/** `always` leaves what else was set alone, so that turning it off again brings it back. */
export interface BusinessHours { always: boolean; week: Week; closed: string[] }

export const ROUTING_MODES: readonly RoutingMode[] = ["least_busy", "fewest_today", "round_robin", "manual"];
export type RoutingMode = Schemas["RoutingMode"];
export interface Routing { mode: RoutingMode; reassign_after_s: number | null }

export const LANGUAGES = ["ko", "en"] as const;
export type Language = (typeof LANGUAGES)[number];
export const TEXTS = ["title", "greeting", "placeholder", "away", "offline_intro", "prechat_intro"] as const;
export type TextName = (typeof TEXTS)[number];
export type Need = Schemas["PrechatField"];

export interface SiteSettings {
  theme: "auto" | "light" | "dark";
  launcher: "circle" | "pill" | "hidden";
  launcher_label: Record<Language, string>;
  offset_x: number;
  offset_y: number;
  texts: Record<Language, Record<TextName, string>>;
  prechat: { enabled: boolean; name: Need; email: Need; question: boolean };
  files: { enabled: boolean; max_mib: number; types: "images" | "all" };
  typing_preview: boolean;
  rating: boolean;
  transcript: boolean;
  visitor_data: boolean;
  sound: boolean;
  identity_required: boolean;
  community: boolean;
  show_operators: boolean;
  cookie_domain: string | null;
}

export interface Site extends PlainSite {
  time_zone: string;
  business_hours: BusinessHours;
  /** Nobody chosen means everybody. */
  members: Id[] | null;
  open_now: boolean;
  routing: Routing;
  settings: SiteSettings;
  last_seen_url: string | null;
}

const NO_TEXTS = Object.fromEntries(TEXTS.map((name) => [name, ""])) as Record<TextName, string>;
const WORKDAY: Span[] = [["09:00", "12:00"], ["13:00", "18:00"]];
export const USUAL_WEEK: Week = { mon: WORKDAY, tue: WORKDAY, wed: WORKDAY, thu: WORKDAY, fri: WORKDAY, sat: [], sun: [] };

export const USUAL_SETTINGS: SiteSettings = {
  theme: "auto", launcher: "circle", launcher_label: { ko: "", en: "" }, offset_x: 20, offset_y: 20,
  texts: { ko: NO_TEXTS, en: NO_TEXTS },
  prechat: { enabled: false, name: "optional", email: "optional", question: true },
  files: { enabled: true, max_mib: 10, types: "all" },
  typing_preview: false, rating: true, transcript: true, visitor_data: true, sound: true, identity_required: false, show_operators: true, community: false,
  cookie_domain: null,
};

type Given<T> = { [K in keyof T]?: T[K] extends readonly unknown[] ? T[K] : T[K] extends object ? Given<T[K]> : T[K] };
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

/** `given` over `usual`, whatever depth it was left out at. */
function over<T>(usual: T, given: unknown): T {
  if (!isObject(usual) || !isObject(given)) return (given === undefined ? usual : given) as T;
  const all: Record<string, unknown> = { ...usual, ...given };
  for (const [name, value] of Object.entries(usual)) all[name] = over(value, given[name]);
  return all as T;
}

type SiteAnswer = PlainSite & Given<Omit<Site, keyof PlainSite>>;

/** A site with everything the forms show; what the server left out is what it does by itself. */
export function wholeSite(site: SiteAnswer): Site {
  return {
    ...site,
    time_zone: site.time_zone ?? "UTC",
    business_hours: over({ always: true, week: USUAL_WEEK, closed: [] } as BusinessHours, site.business_hours),
    members: site.members ?? null,
    open_now: site.open_now ?? true,
    routing: over({ mode: "least_busy", reassign_after_s: null } as Routing, site.routing),
    settings: over(USUAL_SETTINGS, site.settings),
    last_seen_url: site.last_seen_url ?? null,
  };
}

export const adminSiteQuery = (id: Id) => queryOptions({
  queryKey: ["site", id],
  queryFn: () => call<SiteAnswer>("GET", `/sites/${id}`),
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

export interface Preferences {
  language: Language | null;
  theme: "auto" | "light" | "dark";
  density: "comfortable" | "compact";
  time_zone: string | null;
  notifications: { sound: boolean; sound_repeat: boolean; desktop: boolean };
  photo_url: string | null;
}
