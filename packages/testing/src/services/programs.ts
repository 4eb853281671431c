import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const browsers = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** The Chromium that FRAGMENT_TEST_CHROMIUM names, else the first on the PATH; undefined where there is none. */
export function chromiumPath(): string | undefined {
  return process.env['FRAGMENT_TEST_CHROMIUM'] ?? browsers.map(onPath).find((file) => file !== undefined);
}

/** Why no browser can be started here; undefined when one can. */
export function whyNoChromium(): Promise<string | undefined> {
  const missing = 'FRAGMENT_TEST_CHROMIUM is not set, and no Chromium was found on the PATH.';
  return Promise.resolve(chromiumPath() === undefined ? missing : undefined);
}

/** Why `curl` cannot be run here; undefined when it can. */
export function whyNoCurl(): Promise<string | undefined> {
  return Promise.resolve(onPath('curl') === undefined ? 'no curl was found on the PATH.' : undefined);
}

/** Why nothing can be run on a pseudo terminal here; undefined when it can. It is `script` of util-linux that gives one. */
export function whyNoTerminal(): Promise<string | undefined> {
  const there = process.platform === 'linux' && onPath('script') !== undefined;
  return Promise.resolve(there ? undefined : 'no script of util-linux was found on the PATH.');
}

/** Why Segment's Python library cannot be run here; undefined when it can. */
export async function whyNoPythonSdk(): Promise<string | undefined> {
  try {
    const o = { timeout: 10_000, env: process.env };
    await promisify(execFile)('python3', ['-c', 'import segment.analytics'], o);
    return undefined;
  } catch {
    return 'python3 cannot import segment.analytics (pip install segment-analytics-python).';
  }
}

/** Why npm cannot install from its registry, the one it is configured for; undefined when it can. */
export async function whyNoRegistry(): Promise<string | undefined> {
  try {
    const args = ['ping', '--fetch-retries=0', '--fetch-timeout=5000'];
    await promisify(execFile)('npm', args, { timeout: 10_000, env: process.env });
    return undefined;
  } catch {
    return 'npm does not reach its registry (npm ping).';
  }
}

function onPath(program: string): string | undefined {
  const directories = (process.env['PATH'] ?? '').split(path.delimiter).filter((name) => name !== '');
  return directories.map((directory) => path.join(directory, program)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
