// `pnpm release:dry [directory]`: what a release would publish, as tarballs in the directory (default `release/`), and
// nothing else. Tests and CI install from these, so what they try is what a user of the registry gets.
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { bootstrap, root, run, say } from './bootstrap.mjs';

/** Packs every published package, as built, into `directory`; what was there of an earlier run goes. */
export function pack(directory) {
  mkdirSync(directory, { recursive: true });
  for (const file of readdirSync(directory)) if (file.endsWith('.tgz')) rmSync(path.join(directory, file));
  const pnpm = path.join(root, 'node_modules', '.bin', 'pnpm');
  run(pnpm, ['--recursive', '--filter=./packages/**', '--silent', 'pack', '--pack-destination', directory]);
  return readdirSync(directory).filter((file) => file.endsWith('.tgz'));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const directory = path.resolve(process.argv[2] ?? path.join(root, 'release'));
  bootstrap();
  const files = pack(directory);
  say(`Packed ${files.length} packages in ${directory}:`);
  for (const file of files) console.log(path.join(directory, file));
}
