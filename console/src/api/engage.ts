/** What is offered and answered by rules: promotions, the virtual agent, its questions and answers. */
import { queryOptions } from "@tanstack/react-query";
import { call } from "./client";
import type { components } from "./schema.gen";
import type { Id, Page } from "./types";

type Schemas = components["schemas"];

export type Texts = Schemas["Texts"];
export type Look = Schemas["OfferLook"];
/** Parts that may be left out of what is sent always stand in what is answered, which is what the forms begin with. */
type Whole<T, K extends keyof T> = T & Required<Pick<T, K>>;
export type Offer = Whole<Schemas["Offer"], "text" | "button">;
export type Value = Schemas["FactValue"];
export type Test = Schemas["ConditionTest"];
export type Condition = Schemas["Condition"];
export type Trigger = Schemas["RuleTrigger"];
export type Goal = Schemas["PromotionGoal"];
export type Definition = Omit<Whole<Schemas["PromotionDefinition"], "limits" | "priority">, "offer"> & { offer: Offer };
export type Sums = Schemas["PromotionSums"];
export type Promotion = Omit<Schemas["Promotion"], "definition"> & { definition: Definition };
export type LivePerson = Schemas["LivePerson"];
export type Audience = Schemas["PromotionAudience"];
export type Sent = Schemas["PromotionSend"];
export type DryRun = Schemas["DryRun"];

export const promotionsQuery = queryOptions({
  queryKey: ["promotions"],
  queryFn: async () => (await call<Page<Promotion>>("GET", "/promotions")).items,
  staleTime: 5_000, refetchInterval: 10_000,
});
export type PromotionVersion = Omit<Schemas["PromotionVersion"], "definition"> & { definition: Definition };
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

export type Agent = Schemas["VirtualAgent"];
export type AgentSettings = Schemas["VirtualAgentSettings"];
export type FaqPair = Schemas["FaqPair"];
export type Unanswered = Schemas["UnansweredQuestion"];
export type Suggestion = Schemas["SuggestedAnswer"];

export const agentsQuery = queryOptions({ queryKey: ["virtual-agent", "sites"], queryFn: async () => (await call<Page<Agent>>("GET", "/virtual-agent")).items });
export const faqQuery = queryOptions({ queryKey: ["virtual-agent", "faq"], queryFn: async () => (await call<Page<FaqPair>>("GET", "/faq")).items });
export const unansweredQuery = queryOptions({ queryKey: ["virtual-agent", "unanswered"], queryFn: async () => (await call<Page<Unanswered>>("GET", "/unanswered")).items });
export const suggestionQuery = (id: Id, last: number) => queryOptions({ queryKey: ["suggestion", id, last], queryFn: () => call<Suggestion>("GET", `/conversations/${id}/suggestion`), staleTime: Infinity });
