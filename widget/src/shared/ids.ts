// UUIDv7 (RFC 9562), whose order is the order of time.

/**
 * Without memory and without cryptographic strength: for what need only be unique (device, visit, event). Small, because
 * every page of a shop carries it; what orders messages is panel/ids.ts.
 */
export function uuid(now: number): string {
  const time = now.toString(16).padStart(12, '0');
  return (time.slice(0, 8) + '-' + time.slice(8) + '-7xxx-8xxx-xxxxxxxxxxxx').replace(/x/g, () => ((Math.random() * 16) | 0).toString(16));
}
