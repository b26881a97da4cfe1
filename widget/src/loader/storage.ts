// What one browser keeps for one site: `stalk:<site key>:…` in localStorage, or in memory for as long as the page lives.

export interface Store {
  get(key: string): string | null;
  /** Null removes. */
  set(key: string, value: string | null): void;
  /** The keys that begin so, sorted. */
  keys(start: string): string[];
}

export function openStore(prefix: string): Store {
  const memory: Record<string, string | null> = {};

  return {
    get(key) {
      try {
        return memory[key] ?? localStorage.getItem(prefix + key);
      } catch {
        // Storage is blocked: the identity lasts one page.
        return null;
      }
    },
    set(key, value) {
      memory[key] = null;
      try {
        if (value === null) localStorage.removeItem(prefix + key);
        else localStorage.setItem(prefix + key, value);
      } catch {
        // Blocked or full. What could not be written down must at least not be lost on this page.
        memory[key] = value;
      }
    },
    keys(start) {
      const all = Object.keys(memory).filter((key) => memory[key]);
      try {
        for (const key of Object.keys(localStorage)) if (key.startsWith(prefix)) all.push(key.slice(prefix.length));
      } catch {}
      return all.filter((key) => key.startsWith(start)).sort();
    },
  };
}
