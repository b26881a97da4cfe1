/** UUIDv7 (RFC 9562). Own code because `crypto.randomUUID` is version 4 and absent on plain-http origins. */
let last = 0;

/** Later than the one before, also within a millisecond and after the clock was set back: what was written is sent in the order of its ids. */
const later = (): number => (last = Math.max(Date.now(), last + 1));

export function newId(now: number = later(), random: Uint8Array = crypto.getRandomValues(new Uint8Array(16))): string {
  const bytes = Uint8Array.from(random);
  for (let i = 0; i < 6; i += 1) bytes[i] = Math.floor(now / 2 ** (8 * (5 - i))) % 256;
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
