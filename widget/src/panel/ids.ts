// UUIDv7 (RFC 9562) whose time never runs backwards: the outbox is sent in the order of its ids, also after the clock was set back.

let last = 0;

/** `floor` is the time of an id that the new one must follow. */
export function uuidv7(now: number, floor = 0): string {
  last = Math.max(now, last + 1, floor + 1);
  const bytes = crypto.getRandomValues(new Uint8Array(10));
  bytes[0] = (bytes[0]! & 15) | 112;
  bytes[2] = (bytes[2]! & 63) | 128;
  const hex = last.toString(16).padStart(12, '0') + Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** The milliseconds in a UUIDv7. */
export function timeOf(id: string): number {
  return parseInt(id.replace('-', '').slice(0, 12), 16) || 0;
}
