/** When to connect again, and whether to. Pure: PROTOCOL.md section 6, "Disconnect codes". */

export interface Bye { code: number; name: string; message: string; retry_after_ms?: number | null }

export type Plan =
  | { then: "wait"; ms: number }
  /** Nothing but a reload, an update or somebody's decision helps. */
  | { then: "stop"; bye: Bye };

/**
 * `attempt` counts from 0 after a connection that worked; `random` is in [0, 1). A server that answers says itself when to come again, in its bye or
 * in what it refused (`named`): then the wait does not grow, or whoever was refused while its database was away would come long after it is back.
 */
export function reconnectPlan(bye: Bye | null, attempt: number, random: number, named: number | null = null): Plan {
  if (bye && bye.code >= 4200 && bye.code <= 4299) return { then: "stop", bye };
  const least = bye?.retry_after_ms ?? named;
  const span = attempt === 0 || least !== null ? 1000 : Math.min(30_000, 1000 * 2 ** (attempt - 1));
  return { then: "wait", ms: Math.round((least ?? 0) + span * random) };
}
