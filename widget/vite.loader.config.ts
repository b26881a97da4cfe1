import { defineConfig } from 'vite';

// One classic script without a dependency: what every page of a shop pays for.
export default defineConfig({
  publicDir: false,
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2020',
    lib: { entry: 'src/loader/main.ts', formats: ['iife'], name: 'stalkLoader', fileName: () => 'w.js' },
    minify: 'terser',
    terserOptions: {
      ecma: 2020,
      toplevel: true,
      compress: { passes: 4, unsafe: true, unsafe_arrows: true, unsafe_methods: true, pure_getters: true, keep_fargs: false, hoist_props: true },
      format: { comments: false },
    },
  },
});
