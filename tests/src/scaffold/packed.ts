import { execFile } from 'node:child_process';
import { mkdir, readdir, symlink } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

export const root = path.resolve(import.meta.dirname, '../../..');

/** Packs every package as a release would, into a new directory, and returns it. */
export async function packAll(scratch: string): Promise<string> {
  const tarballs = path.join(scratch, 'tarballs');
  const release = pathToFileURL(path.join(root, 'scripts/release-dry.mjs')).href;
  const { pack } = (await import(release)) as { readonly pack: (directory: string) => readonly string[] };
  pack(tarballs);
  return tarballs;
}

/** An environment in which npm works as on this machine, and everything else as on a new one. */
export async function npmEnvironment(scratch: string): Promise<Record<string, string>> {
  const { stdout } = await promisify(execFile)('npm', ['config', 'get', 'cache']);
  // Of npm's cache only the contents are shared: what it unpacks to run is not left behind.
  const [shared, cache, home] = [
    path.join(stdout.trim(), '_cacache'),
    path.join(scratch, 'npm'),
    path.join(scratch, 'home'),
  ];
  for (const directory of [shared, cache, home]) await mkdir(directory, { recursive: true });
  await symlink(shared, path.join(cache, '_cacache'));
  const inherited = Object.entries(process.env).filter(
    ([name, value]) =>
      value !== undefined &&
      /^(PATH|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|npm_config_(registry|globalconfig)|(https?_|no_)proxy)$/i.test(
        name,
      ),
  );
  return {
    ...(Object.fromEntries(inherited) as Record<string, string>),
    HOME: home,
    npm_config_userconfig: process.env['npm_config_userconfig'] ?? path.join(os.homedir(), '.npmrc'),
    npm_config_cache: cache,
    npm_config_prefer_offline: 'true',
    npm_config_audit: 'false',
    npm_config_fund: 'false',
  };
}

/** `npm create fragment@latest` with these arguments, as it would run with the tarballs in the registry. */
export async function createCommand(tarballs: string, args: string): Promise<string> {
  const needed = /^(create-fragment|fragment-(core|scaffold|segment-spec))-\d/;
  const packages = (await readdir(tarballs)).filter((file) => needed.test(file));
  const flags = packages.map((file) => `--package file:${path.join(tarballs, file)}`).join(' ');
  return `npm exec --yes ${flags} -- create-fragment ${args} --packages ${tarballs}`;
}
