import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { FragmentError } from '@fragment/core';
import type { GenerateRequest } from '../request.js';

/** What the generators' output needs, so that a new piece asks for no installation. */
const NEEDED = ['cli', 'core', 'http-client', 'runtime', 'segment-spec'];

/** Of tools, as this version of Fragment was tested with them. */
const TOOLS: Readonly<Record<string, string>> = {
  '@types/node': '^20.19.0',
  eslint: '^10.15.0',
  typescript: '~6.0.3',
  'typescript-eslint': '^8.73.0',
};

/** The text of an application's package.json. */
export function manifestOf({ name, cwd, destinations = [], packages }: GenerateRequest): string {
  const packed = packages === undefined ? undefined : packedIn(path.resolve(cwd, packages));
  const version = packed ? (name: string) => packed[name] ?? missing(name) : () => `^${ownVersion()}`;
  const versions = (names: readonly string[]): Record<string, string> =>
    Object.fromEntries(names.map((one) => [`@fragment/${one}`, version(`@fragment/${one}`)]));
  const dependencies = versions([...NEEDED, ...destinations.map((one) => `destination-${one}`)].sort());
  const manifest = {
    name,
    private: true,
    version: '0.1.0',
    type: 'module',
    engines: { node: '>=20.19' },
    scripts: {
      dev: 'fragment dev',
      start: 'fragment start',
      build: `node -e "fs.rmSync('dist', { recursive: true, force: true })" && tsc`,
      test: 'npm run --silent build && cd dist && node --enable-source-maps --test',
      typecheck: 'tsc --noEmit',
      lint: 'eslint .',
    },
    dependencies,
    devDependencies: { ...versions(['testing']), ...TOOLS },
    // What these packages ask of each other comes from the same directory.
    ...(packed && { overrides: packed, pnpm: { overrides: packed } }),
  };
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}

/** The tarballs of a directory that `npm pack` or `pnpm pack` filled, by the name of their package. */
function packedIn(directory: string): Readonly<Record<string, string>> {
  const found = tarballsOf(directory).flatMap((file) => {
    const name = /^fragment-(.+)-\d+\.\d+\.\d+[^/]*\.tgz$/.exec(file)?.[1];
    return name === undefined ? [] : [[`@fragment/${name}`, `file:${path.join(directory, file)}`] as const];
  });
  return Object.fromEntries(found);
}

function tarballsOf(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    throw new FragmentError('FRAGMENT_CLI_USAGE', { detail: `--packages: there is no ${directory}.` });
  }
}

function missing(name: string): never {
  throw new FragmentError('FRAGMENT_CLI_USAGE', { detail: `--packages: no tarball of ${name} is there.` });
}

/** Of this package, and so of every Fragment package: they are released together. */
function ownVersion(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { readonly version: string }).version;
}
