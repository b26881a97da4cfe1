import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { defineConfig } from 'vite';
import { mangle, nameCache } from './vite.names';

const hash = createHash('sha256').update(readFileSync(new URL('dist/panel/assets/more.js', import.meta.url))).digest('hex').slice(0, 10);

// One classic script without a dependency: what every page of a shop pays for. Built last, because it names the second part
// (the file keeps its name, so that a page with an older loader finds one after a new release too; the hash is for caches).
export default defineConfig({
  publicDir: false,
  define: { __MORE__: JSON.stringify('more.js?' + hash) },
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
