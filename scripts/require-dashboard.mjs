// Before the admin package is packed: the dashboard is part of it, and git does not keep what is built.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { root, say } from './bootstrap.mjs';

const page = path.join(root, 'packages/admin/static/index.html');

if (!existsSync(page)) {
  say(`The dashboard is missing: ${page}`);
  say('Build it first: npm run build');
  process.exit(1);
}
