import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  /** As its manifest says; the empty text where it says nothing. */
  readonly license: string;
  /** A package manager would run something of it at installation, if it were allowed to. */
  readonly runsAtInstall: boolean;
}

interface InstalledManifest {
  readonly name: string;
  readonly version: string;
  readonly license?: unknown;
  readonly licenses?: readonly { readonly type: string }[];
  readonly scripts?: Readonly<Record<string, string>>;
}

/** Every package below a `node_modules`, nested ones included; links are not followed. */
export function installedIn(nodeModules: string): readonly InstalledPackage[] {
  return readdirSync(nodeModules)
    .flatMap((name) =>
      name.startsWith('@')
        ? readdirSync(path.join(nodeModules, name)).map((rest) => `${name}/${rest}`)
        : [name],
    )
    .map((name) => path.join(nodeModules, name))
    .filter((folder) => !lstatSync(folder).isSymbolicLink() && existsSync(path.join(folder, 'package.json')))
    .flatMap((folder) => {
      const nested = path.join(folder, 'node_modules');
      return [installed(folder), ...(existsSync(nested) ? installedIn(nested) : [])];
    });
}

/** Every package of the workspace's lockfile that is installed on this machine. */
export function installedByPnpm(root: string): readonly InstalledPackage[] {
  const store = path.join(root, 'node_modules/.pnpm');
  return readdirSync(store)
    .map((entry) => path.join(store, entry, 'node_modules'))
    .filter((folder) => existsSync(folder))
    .flatMap(installedIn);
}

function installed(folder: string): InstalledPackage {
  const manifest = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as InstalledManifest;
  const { name, version, license, licenses = [], scripts = {} } = manifest;
  return {
    name,
    version,
    license: typeof license === 'string' ? license : licenses.map(({ type }) => type).join(' AND '),
    runsAtInstall:
      ['preinstall', 'install', 'postinstall'].some((script) => script in scripts) ||
      existsSync(path.join(folder, 'binding.gyp')),
  };
}

/** Those that none of the licences covers. `(A OR B)` leaves the choice to us, `A AND B` does not. */
export function uncovered(
  packages: readonly InstalledPackage[],
  allowed: readonly string[],
  named: readonly string[] = [],
): readonly string[] {
  const covers = (expression: string): boolean =>
    expression
      .replaceAll(/[()]/g, '')
      .split(' AND ')
      .every((part) => part.split(' OR ').some((license) => allowed.includes(license)));
  const wrong = packages.filter(({ name, license }) => !covers(license) && !named.includes(name));
  return [...new Set(wrong.map(({ name, version, license }) => `${name}@${version}: ${license}`))];
}
