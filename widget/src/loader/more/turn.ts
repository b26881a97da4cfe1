// Whose turn it is to send: one tab of the shop at a time, decided by a Web Lock that the tab in use keeps, so that a message
// need not wait for it. Pure but for the lock given.

/** `navigator.locks.request`, or as much of it as is asked for; null where the page has none (plain http). */
export type Request = (options: { ifAvailable: boolean }, held: (lock: unknown) => Promise<void> | void) => Promise<unknown>;

export interface Turn {
  /** Somebody looks at this tab's panel: take the turn if nobody has it. */
  warm(): void;
  /** Calls back as soon as it is this tab's turn; it stays so until `done`. */
  take(granted: () => void): void;
  /** It is this tab's turn already, and from now until `done`. */
  holds(): boolean;
  done(): void;
  /** Another tab has something to send: let it, unless this one is in the middle of it. */
  contest(): void;
  release(): void;
}

export function createTurn(request: Request | null, keep: () => boolean): Turn {
  let free: (() => void) | undefined;
  let asking = false;
  let sending = false;
  let contested = false;
  let waiting: (() => void) | undefined;

  const grant = (): void => {
    if (!waiting) return;
    sending = true;
    const granted = waiting;
    waiting = undefined;
    granted();
  };

  const ask = (ifAvailable: boolean): void => {
    if (!request) return grant();
    asking ||= !ifAvailable;
    const given = (lock: unknown): Promise<void> | void => {
      if (!ifAvailable) asking = false;
      if (!lock || free) return;
      // Without this the end of a panel would hold the lock for nobody.
      if (!waiting && !keep()) return;
      return new Promise((done) => {
        free = done;
        grant();
      });
    };
    request({ ifAvailable }, given).catch(() => {
      asking = false;
      // No lock to be had at all: the server's dedupe by id alone keeps a message single.
      grant();
    });
  };

  const self: Turn = {
    warm() {
      if (request && !free && !asking && keep()) ask(true);
    },
    take(granted) {
      waiting = granted;
      if (free) grant();
      else if (!asking) ask(false);
    },
    holds() {
      if (free) sending = true;
      return !!free;
    },
    done() {
      sending = false;
      if (contested || !keep()) self.release();
    },
    contest() {
      contested = true;
      if (!sending) self.release();
    },
    release() {
      contested = sending = false;
      free?.();
      free = undefined;
    },
  };
  return self;
}
