// Decisions about the outbox: what is sent next, and what an answer means for it. Pure.

import type { Entry, MessageIn } from '../shared/port';
import type { WireError } from '../shared/wire';
import type { Upload } from './state';

/** The oldest file that is still on its way: what was written after it waits for it. */
export const onItsWay = (uploads: Upload[]): string | undefined => uploads.find((one) => !one.err)?.id;

/**
 * The oldest entry that may go. A refused one holds back the later ones of its kind until the person resends or drops it, and a file
 * on its way (`uploading`) the messages written after it, so that messages keep the order in which they were written.
 */
export function nextEntry(entries: Entry[], uploading?: string): Entry | undefined {
  const held: string[] = [];
  return entries.find((entry) => {
    if (entry.err || (uploading && entry.m === 'message.post' && entry.id > uploading)) held.push(entry.m);
    return !held.includes(entry.m);
  });
}

/** More than this in one message ends a connection (64 KiB, with the envelope around it). */
const MOST_BYTES = 60_000;

/** What the server would say to it, where sending it would only end the connection. */
export function tooLarge({ m, p }: Entry, limit: number): WireError | undefined {
  const over = m === 'message.post' && [...((p as MessageIn).text ?? '')].length > limit;
  const bytes = new TextEncoder().encode(JSON.stringify({ m, p })).length;
  return over || bytes > MOST_BYTES ? { code: 'too_large', message: 'This message is too long.' } : undefined;
}

/** Milliseconds until the same entry is tried again, or -1: the refusal is final. */
export function retryDelay(err: WireError, attempt: number, random: number): number {
  if (!/^(unavailable|rate_limited|internal)$/.test(err.code)) return -1;
  return err.retry_after_ms || Math.min(30000, 1000 * 2 ** attempt) * (0.5 + random / 2);
}
