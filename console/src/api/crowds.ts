/** Crowds: talks of many, all of whom see one log. */
import { queryOptions } from "@tanstack/react-query";
import { call } from "./client";
import type { components } from "./schema.gen";
import type { Id, Page } from "./types";

type Schemas = components["schemas"];

export type Writers = Schemas["CrowdWriters"];
export type Crowd = Schemas["Crowd"];
export type Mute = Schemas["CrowdMute"];

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
