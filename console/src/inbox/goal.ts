/** When a wait becomes urgent: past what its site wants its visitors answered within. Pure. */
import type { Id, Site } from "../api/types";

const MINUTE = 60_000;

/** Each site's goal in milliseconds; that of a site one does not know of is not known. */
export const goalsOf = (sites: readonly Pick<Site, "id" | "answer_goal_min">[]): ReadonlyMap<Id, number> =>
  new Map(sites.map((site) => [site.id, site.answer_goal_min * MINUTE]));

export const isUrgent = (waited: number, goal: number | null): boolean => goal !== null && waited > goal;
