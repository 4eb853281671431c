// `npm run lint`: ESLint over everything. Its rules read the types of all packages at once, which takes more memory than
// Node allows itself on most machines.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { root, run } from './bootstrap.mjs';

const HEAP_MB = 6_144;

export function lint() {
  const eslint = path.join(root, 'node_modules', 'eslint', 'bin', 'eslint.js');
  run(process.execPath, [`--max-old-space-size=${HEAP_MB}`, eslint, '.']);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) lint();
