// Everything the loader listens to ends with one call. There is one loader on a page, so this is the module's own state.

const life = new AbortController();

export function listen<E extends Event>(target: EventTarget | null | undefined, name: string, heard: (event: E) => void): void {
  target?.addEventListener(name, heard as (event: Event) => void, { signal: life.signal, capture: true });
}

export function endLife(): void {
  life.abort();
}
