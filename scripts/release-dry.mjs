// `pnpm release:dry [directory]`: what a release would publish, as tarballs in the directory (default `release/`), and
// nothing else. Tests and CI install from these, so what they try is what a user of the registry gets.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { bootstrap, root, run, say } from './bootstrap.mjs';
import { filesOf } from './tarball.mjs';

/** Packs every published package, as built, into `directory`; what was there of an earlier run goes. */
export function pack(directory) {
  mkdirSync(directory, { recursive: true });
  for (const file of readdirSync(directory)) if (file.endsWith('.tgz')) rmSync(path.join(directory, file));
  for (const dir of readdirSync(path.join(root, 'packages')))
    removeLeftovers(path.join(root, 'packages', dir));
  const pnpm = path.join(root, 'node_modules', '.bin', 'pnpm');
  run(pnpm, ['--recursive', '--filter=./packages/**', '--silent', 'pack', '--pack-destination', directory]);
  return readdirSync(directory).filter((file) => file.endsWith('.tgz'));
}

/** The compiler never deletes: what it once made of a source that is gone by now would be published too. */
function removeLeftovers(folder) {
  const dist = path.join(folder, 'dist');
  if (!existsSync(dist)) return;
  for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name === '.tsbuildinfo') continue;
    const file = path.join(entry.parentPath, entry.name);
    const source = path.join(folder, 'src', path.relative(dist, file).replace(/(\.d\.ts|\.js)$/, '.ts'));
    if (/\.(test|fixture)\.ts$/.test(source) || !existsSync(source)) rmSync(file, { force: true });
  }
}

/** One row for each tarball: what is in it, how large it is, and what publint says against it. */
async function inspect(tarball) {
  // Here and not above: `pack` is also used where only the tarballs are wanted.
  const [{ publint }, { formatMessage }] = await Promise.all([import('publint'), import('publint/utils')]);
  const files = filesOf(tarball);
  const manifest = JSON.parse(files.find(({ name }) => name === 'package.json').data.toString());
  const bytes = readFileSync(tarball);
  const { messages } = await publint({
    strict: true,
    pack: { tarball: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) },
  });
  return {
    name: manifest.name,
    version: manifest.version,
    files: files.length,
    packedKb: Math.ceil(statSync(tarball).size / 1024),
    unpackedKb: Math.ceil(files.reduce((sum, { data }) => sum + data.length, 0) / 1024),
    faults: messages.map((message) => formatMessage(message, manifest, { color: false })),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const directory = path.resolve(process.argv[2] ?? path.join(root, 'release'));
  bootstrap();
  const rows = await Promise.all(pack(directory).map((file) => inspect(path.join(directory, file))));
  say(`Packed ${rows.length} packages in ${directory}; nothing was published.`);
  for (const { name, version, files, packedKb, unpackedKb } of rows)
    console.log(
      `${`${name}@${version}`.padEnd(40)} ${String(files).padStart(4)} files  ${String(packedKb).padStart(4)} KB packed  ${String(unpackedKb).padStart(4)} KB installed`,
    );
  for (const { name, faults } of rows) for (const fault of faults) say(`${name}: ${fault}`);
  if (rows.some(({ faults }) => faults.length > 0)) process.exitCode = 1;
}
