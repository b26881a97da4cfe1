// Everything the loader listens to ends with one call.

export type Listen = (target: EventTarget | null | undefined, name: string, heard: (event: never) => void) => void;

export function startLife(): { listen: Listen; end(): void } {
  const life = new AbortController();
  return {
    listen: (target, name, heard) => target?.addEventListener(name, heard as (event: Event) => void, { signal: life.signal, capture: true }),
    end: () => life.abort(),
  };
}
