// The HTTP fallback (PROTOCOL section 7): the same requests by fetch, and a look at the log every 5 s while the page is visible.
// It lives in the panel only: where WebSockets are blocked the loader lets the panel be connected also while it is closed.

import { ANSWER_TIMEOUT, CREDENTIAL_REFUSED, LOST, type Link, type LinkEvents } from '../shared/link';
import type { Answer, Hello, Since, Welcome, WireError } from '../shared/wire';

export interface Position {
  channel: string;
  have: number;
}

const EVERY = 5000;
/** Every so many polls a whole hello: availability, receipts and a conversation that began elsewhere come only with it. */
const HELLO_EVERY = 6;

export function httpLink(base: string, hello: () => Hello, position: () => Position | null, on: LinkEvents): Link {
  let over = false;
  let ticket: string | null = null;
  let timer = 0;
  let polls = 0;
  /** The server itself has answered, be it with a refusal. */
  let reached = false;

  const end = (code: number, retryAfter: number): void => {
    if (over) return;
    close();
    on.closed(code, retryAfter, reached);
  };

  const close = (): void => {
    over = true;
    clearTimeout(timer);
  };

  const call = async (path: string, body: unknown): Promise<Answer | null> => {
    const abort = new AbortController();
    const alarm = setTimeout(() => abort.abort(), ANSWER_TIMEOUT);
    try {
      const headers: Record<string, string> = { 'content-type': 'application/json', 'x-stalk-site': hello().site };
      if (ticket) headers.authorization = 'Bearer ' + ticket;
      const response = await fetch(base + '/widget/v1/' + path, {
        method: 'POST', headers, body: JSON.stringify(body), signal: abort.signal, credentials: 'omit',
      });
      const answer = (await response.json()) as Answer & WireError;
      // A refused hello answers the bare error. What is no error of ours comes from something in between.
      const err = response.ok ? undefined : answer.err || answer;
      if (err && typeof err.code !== 'string') return null;
      reached = true;
      return err ? { err } : answer;
    } catch {
      return null;
    } finally {
      clearTimeout(alarm);
    }
  };

  const greet = async (): Promise<void> => {
    const answer = await call('hello', hello());
    if (over) return;
    const err = answer?.err;
    const welcome = (answer?.ok || answer) as unknown as Welcome | null;
    if (err || typeof welcome?.ticket !== 'string') {
      const codes: Record<string, number> = {
        unauthenticated: CREDENTIAL_REFUSED, forbidden: 4200, not_found: 4201, invalid: 4203, rate_limited: 4301,
      };
      return end((err && codes[err.code]) || LOST, err?.retry_after_ms || 0);
    }
    ticket = welcome.ticket;
    on.welcome(welcome);
  };

  const request = async (m: string, p: unknown): Promise<Answer | null> => {
    const answer = over ? null : await call('requests', { m, p });
    if (!answer || answer.err?.code === 'unauthenticated') {
      end(answer ? CREDENTIAL_REFUSED : LOST, 0);
      return null;
    }
    return answer;
  };

  const poll = async (): Promise<void> => {
    if (!document.hidden) {
      const at = position();
      if (++polls % HELLO_EVERY === 0) await greet();
      else if (at) {
        const since = (await request('channel.since', { channel: at.channel, after: at.have }))?.ok as unknown as Since | undefined;
        if (!over) since?.entries.forEach((entry) => on.pub(at.channel, entry));
      }
    }
    if (!over) timer = window.setTimeout(poll, EVERY);
  };

  greet().then(() => {
    if (!over) timer = window.setTimeout(poll, EVERY);
  });

  return { request, close };
}
