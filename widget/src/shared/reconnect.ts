// When to come back after a connection ended (PROTOCOL section 6, "Disconnect codes"). Pure.

/** Do not come back until something changes. */
export const STAY = -1;

const range = (code: number): number => (code / 100) | 0;

/**
 * Milliseconds to wait before the next attempt, or STAY. `attempt` counts failures since the last connection that held.
 * Full jitter, so that a restarted node is not met by everybody in the same second.
 */
export function reconnectDelay(code: number, attempt: number, retryAfter: number | undefined, random: number): number {
  if (range(code) === 42) return STAY;
  // A server that answers says when: coming earlier would only be refused again, and growing waits would outlast what kept it from serving.
  if (retryAfter || range(code) === 43) return (retryAfter || 5000) + random * 1000;
  return random * Math.min(30000, 1000 * 2 ** Math.max(0, attempt - 1));
}

/** 41xx: the credential is no longer accepted; a new one is needed before the next attempt. */
export function needsCredential(code: number): boolean {
  return range(code) === 41;
}
