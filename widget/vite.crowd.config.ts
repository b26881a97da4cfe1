import { defineConfig } from 'vite';
import { mangle, nameCache } from './vite.names';

// What puts communities into pages: a module that the loader's second part imports where a page has a place for one.
export default defineConfig({
  publicDir: false,
  build: {
    outDir: 'dist/panel/assets',
    emptyOutDir: false,
    target: 'es2020',
    lib: { entry: 'src/loader/community/main.ts', formats: ['es'], fileName: () => 'crowd.js' },
    minify: 'terser',
    terserOptions: { ecma: 2020, module: true, compress: { passes: 3 }, mangle, nameCache, format: { comments: false } },
  },
});
