import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';
import { mangle, nameCache } from './vite.names';

const MORE = fileURLToPath(new URL('dist/panel/assets/more.js', import.meta.url));

/**
 * Writes the name of the second part into the first. The file keeps its name, so that a page with an older loader finds one after
 * a new release too; the hash in the query is for caches.
 */
const nameOfMore: Plugin = {
  name: 'name-of-more',
  buildStart() {
    this.addWatchFile(MORE);
  },
  transform(code, id) {
    if (!id.endsWith('/loader/main.ts')) return null;
    const hash = createHash('sha256').update(readFileSync(MORE)).digest('hex').slice(0, 10);
    return { code: code.replace('__MORE__', JSON.stringify('more.js?' + hash)), map: null };
  },
};

// One classic script without a dependency: what every page of a shop pays for. Built last, because it names the second part.
export default defineConfig({
  publicDir: false,
  plugins: [nameOfMore],
  build: {
    outDir: 'dist',
    emptyOutDir: false,
    target: 'es2020',
    lib: { entry: 'src/loader/main.ts', formats: ['iife'], name: 'stalkLoader', fileName: () => 'w.js' },
    minify: 'terser',
    terserOptions: {
      ecma: 2020,
      toplevel: true,
      compress: { passes: 4, unsafe: true, unsafe_arrows: true, unsafe_methods: true, pure_getters: true, keep_fargs: false, hoist_props: true },
      mangle,
      nameCache,
      format: { comments: false },
    },
  },
});
