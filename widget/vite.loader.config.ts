import { defineConfig } from 'vite';
import { nameOf } from './vite.next';
import { mangle, nameCache } from './vite.names';

// One classic script without a dependency: what every page of a shop pays for. Built last, because it names the second part.
export default defineConfig({
  publicDir: false,
  plugins: [nameOf('more.js', '__MORE__', '/loader/main.ts')],
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
