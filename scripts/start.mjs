// `npm start`: installs and builds what is missing, then runs apps/fragment in this very process, so that signals,
// exit codes and arguments need no forwarding.
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { bootstrap, root } from './bootstrap.mjs';

// What the application is made of, not what tests and measures it.
bootstrap({ filter: '@fragment/app^...' });

// npm passes neither SIGTERM nor SIGKILL on to its child: without this watch the application outlives a killed npm.
const parent = process.ppid;
const watch = setInterval(() => {
  if (process.ppid === parent) return;
  clearInterval(watch);
  process.kill(process.pid, 'SIGTERM');
}, 200);
watch.unref();

const app = path.join(root, 'apps', 'fragment');
process.chdir(app);
const main = path.join(root, 'packages', 'cli', 'dist', 'main.js');
process.argv = [process.argv[0], main, 'start', ...process.argv.slice(2)];
process.setSourceMapsEnabled(true);
await import(pathToFileURL(main).href);
