// What one browser keeps for one site: `stalk:<site key>:…` in localStorage, or in memory for as long as the page lives.
// There is one loader on a page, so this is the module's own state.

const memory: Record<string, string> = {};
let prefix = '';

export function keepFor(site: string): string {
  return (prefix = `stalk:${site}:`);
}

export function get(key: string): string | null {
  try {
    return memory[key] ?? localStorage.getItem(prefix + key);
  } catch {
    // Storage is blocked: the identity lasts one page.
    return null;
  }
}

/** Null removes. */
export function set(key: string, value: string | null): void {
  delete memory[key];
  try {
    if (value === null) localStorage.removeItem(prefix + key);
    else localStorage.setItem(prefix + key, value);
  } catch {
    // Blocked or full. What could not be written down must at least not be lost on this page.
    if (value !== null) memory[key] = value;
  }
}

export function keys(): string[] {
  const all = Object.keys(memory);
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith(prefix)) all.push(key.slice(prefix.length));
  } catch {}
  return all;
}

/** The ticket in the cookie that the second part writes where the shop lets its subdomains share it. */
export function shared(site: string): string | undefined {
  try {
    return new RegExp(`stalk_${site}=([^;]+)`).exec(document.cookie)?.[1];
  } catch {
    return undefined;
  }
}
