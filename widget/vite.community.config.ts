import { defineConfig } from 'vite';

// The page of a community's iframe, beside the panel's: a visitor who only reads along never loads the panel, and the other way round.
export default defineConfig({
  root: 'src/community',
  base: '/panel/',
  publicDir: false,
  build: {
    outDir: '../../dist/panel',
    emptyOutDir: false,
    target: 'es2020',
    cssTarget: ['chrome89', 'firefox78', 'safari15'],
    modulePreload: false,
    assetsInlineLimit: 0,
    cssCodeSplit: true,
    minify: 'terser',
    terserOptions: { ecma: 2020, compress: { passes: 2 }, format: { comments: false } },
    rollupOptions: { input: 'src/community/community.html' },
  },
});
