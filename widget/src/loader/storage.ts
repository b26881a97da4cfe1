// What one browser keeps for one site: `stalk:<site key>:…` in localStorage, or in memory for as long as the page lives.

export interface Store {
  get(key: string): string | null;
  /** Null removes. */
  set(key: string, value: string | null): void;
  /** The keys that begin so, sorted. */
  keys(start: string): string[];
  /** Another tab changed a key. */
  watch(heard: (key: string, value: string | null) => void): void;
}

export function openStore(prefix: string): Store {
  const memory: Record<string, string> = {};
  let disk: Storage | undefined;
  try {
    disk = localStorage;
  } catch {
    // Storage is blocked: the identity lasts one page.
  }

  return {
    get(key) {
      try {
        return memory[key] ?? disk!.getItem(prefix + key);
      } catch {
        return null;
      }
    },
    set(key, value) {
      delete memory[key];
      try {
        if (value === null) disk!.removeItem(prefix + key);
        else disk!.setItem(prefix + key, value);
      } catch {
        // Blocked or full. What could not be written down must at least not be lost on this page.
        if (value !== null) memory[key] = value;
      }
    },
    keys(start) {
      const all = Object.keys(memory);
      try {
        for (const key of Object.keys(disk!)) if (key.startsWith(prefix)) all.push(key.slice(prefix.length));
      } catch {}
      return [...new Set(all)].filter((key) => key.startsWith(start)).sort();
    },
    watch(heard) {
      addEventListener('storage', (event) => {
        if (event.key?.startsWith(prefix)) heard(event.key.slice(prefix.length), event.newValue);
      });
    },
  };
}
