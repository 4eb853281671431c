import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The server that hands out index.html replaces this by the path that the page lives under. */
const BASE_PLACEHOLDER = '__FRAGMENT_BASE__';

// Vite wants its configuration as the default export.
export default defineConfig({
  base: './',
  plugins: [react()],
  build: {
    outDir: '../../packages/admin/static',
    emptyOutDir: true,
    target: 'es2023',
    // The page's policy allows nothing inline, data: URLs of images apart.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The licences of what is bundled ask to go along with it.
    license: { fileName: 'licenses.md' },
    reportCompressedSize: true,
  },
  experimental: {
    // index.html is served for every path of the page, so its links must be absolute; chunks lie beside each other.
    renderBuiltUrl: (file, { hostType }) =>
      hostType === 'html' ? `${BASE_PLACEHOLDER}/${file}` : { relative: true },
  },
});
