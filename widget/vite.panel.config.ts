import { defineConfig } from 'vite';

// The iframe's page. Served under /panel/, with everything in files of its own: its CSP allows no inline script or style.
export default defineConfig({
  root: 'src/panel',
  base: '/panel/',
  publicDir: false,
  build: {
    outDir: '../../dist/panel',
    // The loader's parts lie in the same folder; `npm run build` empties it.
    emptyOutDir: false,
    target: 'es2020',
    // From these on a start and an end are understood as they are; for older ones they would be guessed from the language, whatever the direction.
    cssTarget: ['chrome89', 'firefox78', 'safari15'],
    modulePreload: false,
    assetsInlineLimit: 0,
    cssCodeSplit: false,
    minify: 'terser',
    terserOptions: { ecma: 2020, compress: { passes: 2 }, format: { comments: false } },
  },
});
