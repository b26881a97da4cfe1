import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

/**
 * Writes the name of a part that was built before into the one that imports it. The file keeps its name, so that a page with an
 * older loader finds one after a new release too; the hash in the query is for caches.
 */
export function nameOf(part: string, word: string, into: string): Plugin {
  const built = fileURLToPath(new URL('dist/panel/assets/' + part, import.meta.url));
  return {
    name: 'name-of-' + part,
    buildStart() {
      this.addWatchFile(built);
    },
    transform(code, id) {
      if (!id.endsWith(into)) return null;
      const hash = createHash('sha256').update(readFileSync(built)).digest('hex').slice(0, 10);
      return { code: code.replace(word, JSON.stringify(part + '?' + hash)), map: null };
    },
  };
}
