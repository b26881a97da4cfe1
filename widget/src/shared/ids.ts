/**
 * A random UUID (version 4), without cryptographic strength: for what need only be unique (device, visit, event). Small,
 * because every page of a shop carries it, and not `crypto.randomUUID`, which pages on plain http lack. What orders messages
 * is panel/ids.ts.
 */
export function uuid(): string {
  return 'xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx'.replace(/x/g, () => ((Math.random() * 16) | 0).toString(16));
}
