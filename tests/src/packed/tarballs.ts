import { readdirSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

export const root = path.resolve(import.meta.dirname, '../../..');

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description?: string;
  readonly license?: string;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export interface Tarball {
  /** Of the directory below `packages`. */
  readonly directory: string;
  readonly file: string;
  readonly files: readonly { readonly name: string; readonly data: Buffer }[];
  readonly manifest: Manifest;
}

interface Scripts {
  readonly pack: (directory: string) => readonly string[];
  readonly filesOf: (tarball: string) => Tarball['files'];
}

const script = async (name: string): Promise<Scripts> =>
  (await import(pathToFileURL(path.join(root, 'scripts', name)).href)) as Scripts;

/** Packs every package as a release would, and reads what came out. */
export async function packAll(directory: string): Promise<readonly Tarball[]> {
  const { pack } = await script('release-dry.mjs');
  const { filesOf } = await script('tarball.mjs');
  return pack(directory).map((name) => {
    const file = path.join(directory, name);
    const files = filesOf(file);
    const text = files.find((entry) => entry.name === 'package.json')?.data.toString() ?? '';
    const manifest = JSON.parse(text) as Manifest;
    return { directory: manifest.name.split('/').at(-1) ?? '', file, files, manifest };
  });
}

/** The directories of what is published. */
export const packages: readonly string[] = readdirSync(path.join(root, 'packages')).sort();
