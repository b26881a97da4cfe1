/** What is offered and answered by rules: promotions, the virtual agent, its questions and answers. */
import { queryOptions } from "@tanstack/react-query";
import { call } from "./client";
import type { components } from "./schema.gen";
import type { Id, Millis, Page } from "./types";

type Schemas = components["schemas"];

export type Texts = Record<string, string>;
export type Look = "bubble" | "banner" | "card";
export interface Offer { look: Look; title: Texts; text: Texts; button: Texts; url?: string | null; image_url?: string | null; coupon?: string | null }
export type Value = string | number | boolean | string[];
export interface Test { fact: string; is: string; value?: Value }
export type Condition = { all: Condition[] } | { any: Condition[] } | { none: Condition[] } | Test;
export interface Trigger { event: string; seconds?: number; name?: string }
export interface Limits { per_page?: number; per_visit?: number; per_visitor?: number; pause_hours?: number }
export interface Goal { kind: "page" | "event" | "order"; value?: string; within_hours: number }
export interface Definition { offer: Offer; on: Trigger | null; when: Condition; limits: Limits; priority: number; holdout: number; goal: Goal | null }
export type Sums = Schemas["PromotionSums"];
export interface Promotion {
  id: Id; site_id: Id | null; name: string; active: boolean; version: number; definition: Definition; starts_at: Millis | null; ends_at: Millis | null;
  created_at: Millis; updated_at: Millis; seen: Sums; held_out: Sums;
}
export type LivePerson = Schemas["LivePerson"];
export type Audience = Schemas["PromotionAudience"];
export type Sent = Schemas["PromotionSend"];
export interface DryRun { shown: boolean; why: string; at: string | null; test: Test | null; limit: string | null; facts: Record<string, Value> }

export const promotionsQuery = queryOptions({
  queryKey: ["promotions"],
  queryFn: async () => (await call<Page<Promotion>>("GET", "/promotions")).items,
  staleTime: 5_000, refetchInterval: 10_000,
});
export interface PromotionVersion { version: number; definition: Definition; changed_by: { id: Id; name: string }; at: Millis }
/** The present number is part of the key: what was just saved is asked for again. */
export const versionsQuery = (id: Id, version: number) => queryOptions({
  queryKey: ["promotions", id, "versions", version],
  queryFn: async () => (await call<Page<PromotionVersion>>("GET", `/promotions/${id}/versions`)).items,
  staleTime: Infinity,
});
export const audienceQuery = (pages: string) => queryOptions({
  queryKey: ["audience", pages],
  queryFn: () => call<Audience>("GET", `/promotions/audience${pages ? `?pages=${encodeURIComponent(pages)}` : ""}`),
  refetchInterval: 3_000, retry: false,
});

export interface AgentSettings { name: Texts; greeting: Texts; misses: number; suggest_when_online: boolean; ask_contact: boolean }
export interface Agent { site_id: Id; site_name: string; enabled: boolean; settings: AgentSettings }
export type FaqPair = Schemas["FaqPair"];
export type Unanswered = Schemas["UnansweredQuestion"];
export type Suggestion = Schemas["SuggestedAnswer"];

export const agentsQuery = queryOptions({ queryKey: ["virtual-agent", "sites"], queryFn: async () => (await call<Page<Agent>>("GET", "/virtual-agent")).items });
export const faqQuery = queryOptions({ queryKey: ["virtual-agent", "faq"], queryFn: async () => (await call<Page<FaqPair>>("GET", "/faq")).items });
export const unansweredQuery = queryOptions({ queryKey: ["virtual-agent", "unanswered"], queryFn: async () => (await call<Page<Unanswered>>("GET", "/unanswered")).items });
export const suggestionQuery = (id: Id, last: number) => queryOptions({ queryKey: ["suggestion", id, last], queryFn: () => call<Suggestion>("GET", `/conversations/${id}/suggestion`), staleTime: Infinity });
