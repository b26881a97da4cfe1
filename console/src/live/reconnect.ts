/** When to connect again, and whether to. Pure: PROTOCOL.md section 6, "Disconnect codes". */

export interface Bye { code: number; name: string; message: string; retry_after_ms?: number | null }

export type Plan =
  | { then: "wait"; ms: number }
  /** Nothing but a reload, an update or somebody's decision helps. */
  | { then: "stop"; bye: Bye };

/** `attempt` counts from 0 after a connection that worked; `random` is in [0, 1). */
export function reconnectPlan(bye: Bye | null, attempt: number, random: number): Plan {
  if (bye && bye.code >= 4200 && bye.code <= 4299) return { then: "stop", bye };
  const span = attempt === 0 ? 1000 : Math.min(30_000, 1000 * 2 ** (attempt - 1));
  const least = bye?.retry_after_ms ?? 0;
  return { then: "wait", ms: Math.round(least + span * random) };
}
