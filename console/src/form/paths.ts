/** Values by their path ("settings.texts.ko.title"): what a form changed, apart from what it was given. Pure. */
type Leaf = string | number | boolean | null | undefined | readonly unknown[];
export type Path<T> = { [K in keyof T & string]: NonNullable<T[K]> extends Leaf ? K : K | `${K}.${Path<NonNullable<T[K]>>}` }[keyof T & string];
export type At<T, P extends string> = P extends `${infer K}.${infer Rest}`
  ? K extends keyof T ? At<NonNullable<T[K]>, Rest> : never
  : P extends keyof T ? T[P] : never;

/** What was changed, by path. */
export type Changes = Readonly<Record<string, unknown>>;

export const valueAt = (from: unknown, path: string): unknown =>
  path.split(".").reduce<unknown>((now, name) => (typeof now === "object" && now !== null ? (now as Record<string, unknown>)[name] : undefined), from);

export const same = (a: unknown, b: unknown): boolean => Object.is(a, b) || sorted(a) === sorted(b);

const sorted = (value: unknown): string => JSON.stringify(value, (_name, inner: unknown) =>
  typeof inner === "object" && inner !== null && !Array.isArray(inner)
    ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner) ?? "undefined";

function put(into: Record<string, unknown>, path: string, value: unknown): Record<string, unknown> {
  const [name = "", ...rest] = path.split(".");
  const inner = into[name];
  const below = typeof inner === "object" && inner !== null && !Array.isArray(inner) ? (inner as Record<string, unknown>) : {};
  return { ...into, [name]: rest.length === 0 ? value : put(below, rest.join("."), value) };
}

/** `base` with the changes in it. */
export function changed<T>(base: T, changes: Changes): T {
  return Object.entries(changes).reduce((now, [path, value]) => put(now, path, value), base as Record<string, unknown>) as T;
}

/** The changes alone, as the body of a request: only what was changed, nested as the server has it. */
export const bodyOf = (changes: Changes): Record<string, unknown> => changed<Record<string, unknown>>({}, changes);

/** The changes with one more; a value put back to what it was is no change. */
export function withChange(base: unknown, changes: Changes, path: string, value: unknown): Changes {
  const { [path]: _before, ...others } = changes;
  return same(valueAt(base, path), value) ? others : { ...others, [path]: value };
}

/** What is still different after the base moved on: saved by us, or changed by somebody else to the same. */
export const remaining = (base: unknown, changes: Changes): Changes =>
  Object.fromEntries(Object.entries(changes).filter(([path, value]) => !same(valueAt(base, path), value)));

/** The message for a field: under its own path, or under the end of it where that says enough (two names or more). */
export function errorAt(fields: Record<string, string>, path: string): string | undefined {
  const names = path.split(".");
  for (let from = 0; from < Math.max(1, names.length - 1); from += 1) {
    const found = fields[names.slice(from).join(".")];
    if (found) return found;
  }
  return undefined;
}
