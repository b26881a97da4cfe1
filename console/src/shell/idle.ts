/** Away by itself after ten idle minutes, and back on the first movement: only what was set here by itself is undone by itself. Pure. */
import type { Availability } from "../api/types";

export const IDLE_AFTER = 10 * 60_000;

/** What to change the availability to, or null to leave it. `byItself` is whether being away was this console's doing. */
export function idleChange(now: Availability, idleFor: number, byItself: boolean): Availability | null {
  if (now === "online" && idleFor >= IDLE_AFTER) return "away";
  if (now === "away" && byItself && idleFor < IDLE_AFTER) return "online";
  return null;
}
