/** Crowds: talks of many, all of whom see one log. */
import { queryOptions } from "@tanstack/react-query";
import { call } from "./client";
import type { Id, Millis, Page } from "./types";

export type Writers = "everybody" | "identified";
export interface Crowd {
  id: Id; site_id: Id; key: string | null; page_url: string | null; name: string; history: number; writers: Writers; slow_mode_s: number; frozen: boolean;
  members: number; last_seq: number; channel: string; posted_at: Millis | null; created_at: Millis;
}
export interface Mute { visitor_id: Id; name: string | null; muted_at: Millis; muted_until: Millis | null; muted_by: Id | null }

/** How many are there changes all the time, and no event tells of it. */
export const crowdsQuery = (site: Id | undefined) => queryOptions({
  queryKey: ["crowds", site], enabled: site !== undefined,
  queryFn: async () => (await call<Page<Crowd>>("GET", `/sites/${site ?? ""}/crowds`)).items,
  refetchInterval: 5_000,
});
export const mutesQuery = (site: Id, crowd: Id) => queryOptions({
  queryKey: ["crowds", site, crowd, "mutes"],
  queryFn: async () => (await call<Page<Mute>>("GET", `/sites/${site}/crowds/${crowd}/mutes`)).items,
});
