// One way to the server, whatever carries it: WebSocket (loader), Socket.IO (panel) or fetch (both, where sockets are blocked).

import type { Answer, Envelope, Welcome } from './wire';

export interface LinkEvents {
  welcome(welcome: Welcome): void;
  pub(channel: string, event: Envelope): void;
  /** The highest seq of each logged channel, from a heartbeat. */
  tops(tops: Record<string, number>): void;
  /** It ended, and not by our `close`. `opened` tells whether the transport itself ever got through to the server. */
  closed(code: number, retryAfter: number | undefined, opened: boolean): void;
}

export interface Link {
  /** Null: the connection died before the answer came; whether it was done is unknown. */
  request(m: string, p: unknown): Promise<Answer | null>;
  close(): void;
}

/** An answer that takes longer means a dead connection. */
export const ANSWER_TIMEOUT = 4000;
/** The connection ended without the server saying why. */
export const LOST = 1006;
export const HEARTBEAT_MISSED = 4002;
export const CREDENTIAL_REFUSED = 4100;
