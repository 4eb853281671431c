// Builds the workspace and runs one of its private programs: `node scripts/workspace.mjs bench/dist/main.js ...args`.
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { bootstrap, root } from './bootstrap.mjs';

const [program, ...args] = process.argv.slice(2);
bootstrap();
const file = path.join(root, program);
process.argv = [process.argv[0], file, ...args];
await import(pathToFileURL(file).href);
