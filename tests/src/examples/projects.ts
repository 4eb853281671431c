import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { removeDirectory, scratchDirectory } from '@fragment/testing';

const execute = promisify(execFile);
const root = path.resolve(import.meta.dirname, '../../..');
const examples = path.join(root, 'examples');

/** The directory names of all examples. */
export const exampleNames: readonly string[] = (await readdir(examples, { withFileTypes: true }))
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

export const readmeOf = (example: string): Promise<string> =>
  readFile(path.join(examples, example, 'README.md'), 'utf8');

export interface Projects {
  directoryOf(example: string): string;
  stop(): Promise<void>;
}

interface Manifest {
  readonly name: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

/**
 * Every example as a reader has it: outside this repository, Fragment from packed tarballs and everything else from the
 * registry. One install serves them all.
 */
export async function installedExamples(): Promise<Projects> {
  const base = await scratchDirectory();
  try {
    const tarballs = await packed(path.join(base, 'tarballs'));
    const catalog = await catalogVersions();
    const versionOf = (name: string, wanted: string): string => {
      if (wanted === 'workspace:*') return tarballs[name] ?? `missing tarball of ${name}`;
      return wanted === 'catalog:' ? (catalog[name] ?? `missing in the catalog: ${name}`) : wanted;
    };
    for (const example of exampleNames) {
      const target = path.join(base, example);
      await mkdir(target);
      for (const file of await readdir(path.join(examples, example))) {
        if (['node_modules', 'dist', '.fragment', '.turbo'].includes(file)) continue;
        await cp(path.join(examples, example, file), path.join(target, file), { recursive: true });
      }
      await rewrite(path.join(target, 'package.json'), versionOf);
    }
    // Packages of ours depend on each other by version, which no registry has yet: the root brings all of them.
    const manifest = { private: true, workspaces: exampleNames, dependencies: tarballs };
    await writeFile(path.join(base, 'package.json'), JSON.stringify(manifest));
    const flags = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'];
    await execute('npm', ['install', ...flags], { cwd: base, env: process.env, timeout: 240_000 });
  } catch (error) {
    await removeDirectory(base);
    throw error;
  }
  return { directoryOf: (example) => path.join(base, example), stop: () => removeDirectory(base) };
}

/** By package name, the tarball as npm takes it. */
async function packed(directory: string): Promise<Record<string, string>> {
  const program = `import { pack } from './scripts/release-dry.mjs'; pack(process.argv[1]);`;
  const args = ['--input-type=module', '--eval', program, directory];
  await execute(process.execPath, args, { cwd: root, env: process.env, timeout: 120_000 });
  const tarballs: Record<string, string> = {};
  for (const file of await readdir(directory)) {
    const [, name = ''] = /^(.+)-\d+\.\d+\.\d+.*\.tgz$/.exec(file) ?? [];
    tarballs[name.replace(/^fragment-/, '@fragment/')] = `file:${path.join(directory, file)}`;
  }
  return tarballs;
}

async function catalogVersions(): Promise<Record<string, string>> {
  const [, catalog = ''] = (await readFile(path.join(root, 'pnpm-workspace.yaml'), 'utf8')).split(
    '\ncatalog:',
  );
  return Object.fromEntries(
    [...catalog.matchAll(/^ {2}"?([^":]+(?:\/[^":]+)?)"?: (\S+)$/gm)].map(([, name = '', version = '']) => [
      name,
      version,
    ]),
  );
}

async function rewrite(file: string, versionOf: (name: string, wanted: string) => string): Promise<void> {
  const manifest = JSON.parse(await readFile(file, 'utf8')) as Manifest;
  for (const dependencies of [manifest.dependencies, manifest.devDependencies]) {
    if (!dependencies) continue;
    for (const [name, wanted] of Object.entries(dependencies)) dependencies[name] = versionOf(name, wanted);
  }
  await writeFile(file, JSON.stringify(manifest, undefined, 2));
}
