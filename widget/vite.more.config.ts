import { defineConfig } from 'vite';
import { nameOf } from './vite.next';
import { mangle, nameCache } from './vite.names';

// The loader's second part: a module that the first one imports when somebody is about to chat.
export default defineConfig({
  publicDir: false,
  plugins: [nameOf('offer.js', '__OFFER__', '/loader/more/main.ts'), nameOf('crowd.js', '__CROWD__', '/loader/more/main.ts')],
  build: {
    outDir: 'dist/panel/assets',
    emptyOutDir: false,
    target: 'es2020',
    lib: { entry: 'src/loader/more/main.ts', formats: ['es'], fileName: () => 'more.js' },
    minify: 'terser',
    terserOptions: { ecma: 2020, module: true, compress: { passes: 3 }, mangle, nameCache, format: { comments: false } },
  },
});
