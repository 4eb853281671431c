// What `npm start` and `npm test` share: install when something changed, build what is stale. Node built-ins only,
// because it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const bin = path.join(root, 'node_modules', '.bin');
const stampFile = path.join(root, 'node_modules', '.fragment-install');

/** Everything on stderr: stdout belongs to the program that is being started. */
export const say = (text) => process.stderr.write(`${text}\n`);

export const environment = () => ({
  ...process.env,
  PATH: `${bin}${path.delimiter}${process.env.PATH ?? ''}`,
  TURBO_TELEMETRY_DISABLED: '1',
  DO_NOT_TRACK: '1',
});

/** Runs a command to its end; the process exits with the command's code when it fails. */
export function run(command, args, { stdout = 2 } = {}) {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    env: environment(),
    stdio: ['ignore', stdout, 2],
    shell: process.platform === 'win32',
  });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  say(`Fragment needs Node 20.19 or later; this is ${process.versions.node}.`);
  process.exit(1);
}

function stamp() {
  const hash = createHash('sha256').update(`${process.version} ${process.platform} ${process.arch}`);
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json']) {
    hash.update(readFileSync(path.join(root, file)));
  }
  return hash.digest('hex');
}

function install() {
  const wanted = stamp();
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted) return;
  const { packageManager } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const args = ['install', '--frozen-lockfile', '--prefer-offline'];
  say(`Installing dependencies with ${packageManager} (needs the npm registry the first time) ...`);
  const own = path.join(bin, 'pnpm');
  const [command, commandArgs] = existsSync(own) ? [own, args] : ['npx', ['--yes', packageManager, ...args]];
  const result = spawnSync(command, commandArgs, {
    cwd: root,
    // CI=1: pnpm must never ask whether it may replace node_modules.
    env: { ...environment(), CI: '1' },
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (result.status !== 0) {
    say(
      'The installation failed. If the registry could not be reached, check the network or the proxy and try again.',
    );
    process.exit(result.status ?? 1);
  }
  mkdirSync(path.dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, wanted);
}

/** Makes the checkout runnable: the right Node, dependencies as locked, every package built, or those of turbo's filter. */
export function bootstrap({ tasks = ['build'], filter } = {}) {
  checkNode();
  install();
  const args = ['run', ...tasks, '--output-logs=errors-only', '--log-order=grouped'];
  run(path.join(bin, 'turbo'), filter ? [...args, `--filter=${filter}`] : args);
}
