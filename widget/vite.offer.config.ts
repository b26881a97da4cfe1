import { defineConfig } from 'vite';
import { mangle, nameCache } from './vite.names';

// What draws offers: a module that the loader's second part imports when the first one comes.
export default defineConfig({
  publicDir: false,
  build: {
    outDir: 'dist/panel/assets',
    emptyOutDir: false,
    target: 'es2020',
    lib: { entry: 'src/loader/offer/main.ts', formats: ['es'], fileName: () => 'offer.js' },
    minify: 'terser',
    terserOptions: { ecma: 2020, module: true, compress: { passes: 3 }, mangle, nameCache, format: { comments: false } },
  },
});
