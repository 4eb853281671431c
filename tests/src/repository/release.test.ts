import { execFile } from 'node:child_process';
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { removeDirectory, scratchDirectory } from '@fragment/testing';

const root = path.resolve(import.meta.dirname, '../../..');
const directories = readdirSync(path.join(root, 'packages'));

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}
const read = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));
const manifestsIn = (workspace: string): readonly Manifest[] =>
  directories.map((dir) => read(path.join(workspace, 'packages', dir, 'package.json')) as Manifest);
const published = manifestsIn(root);

let workspace: string;
beforeAll(async () => {
  workspace = await scratchDirectory();
});
afterAll(() => removeDirectory(workspace));

it('all published packages have one version, and changesets keep it so', () => {
  const { fixed } = read(path.join(root, '.changeset/config.json')) as {
    fixed: readonly (readonly string[])[];
  };
  expect(fixed.map((group) => [...group].sort())).toEqual([published.map(({ name }) => name).sort()]);
  expect(new Set(published.map(({ version }) => version)).size).toBe(1);
});

it('a minor change of one package is a minor version of all, and asks nobody for another core', async () => {
  for (const file of ['package.json', 'pnpm-workspace.yaml', '.changeset/config.json'])
    cpSync(path.join(root, file), path.join(workspace, file));
  for (const dir of directories)
    cpSync(
      path.join(root, 'packages', dir, 'package.json'),
      path.join(workspace, 'packages', dir, 'package.json'),
    );
  await mkdir(path.join(workspace, 'node_modules'));
  cpSync(path.join(root, 'node_modules/@changesets'), path.join(workspace, 'node_modules/@changesets'), {
    recursive: true,
  });
  await writeFile(
    path.join(workspace, '.changeset/change.md'),
    "---\n'@fragment/core': minor\n---\n\nA change.\n",
  );
  const bin = path.join(root, 'node_modules/@changesets/cli/bin.js');
  await promisify(execFile)(process.execPath, [bin, 'version'], { cwd: workspace });

  const [major = 0, minor = 0] = (published[0]?.version ?? '').split('.').map(Number);
  const after = manifestsIn(workspace);
  expect(new Set(after.map(({ version }) => version))).toEqual(new Set([`${major}.${minor + 1}.0`]));
  expect(after.map((manifest) => manifest.peerDependencies)).toEqual(
    published.map((manifest) => manifest.peerDependencies),
  );
}, 60_000);
