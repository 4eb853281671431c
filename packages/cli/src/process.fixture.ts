import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { copyCluster, removeDirectory, scratchDirectory, waitFor } from '@fragment/testing';

const main = path.join(import.meta.dirname, '..', 'dist', 'main.js');

const cleanups: (() => Promise<unknown>)[] = [];

export const atTheEnd = (cleanup: () => Promise<unknown>): void => void cleanups.push(cleanup);

/** Ends every process and removes every directory that a test has made. */
export async function cleanUp(): Promise<void> {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
}

/** A directory with these files. */
export async function project(files: Record<string, string>): Promise<string> {
  const directory = await scratchDirectory();
  atTheEnd(() => removeDirectory(directory));
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(directory, name), text);
  return directory;
}

/** A project whose embedded PostgreSQL has been made before: that takes it longest. */
export async function usedProject(files: Record<string, string>): Promise<string> {
  const directory = await project(files);
  await mkdir(path.join(directory, '.fragment'));
  await copyCluster(path.join(directory, '.fragment'));
  return directory;
}

export interface Command {
  readonly process: ChildProcess;
  stdout: string;
  stderr: string;
  readonly code: Promise<number | null>;
}

/** The command as a shell runs it, in an environment of its own. */
export function fragment(cwd: string, args: readonly string[], env: Record<string, string> = {}): Command {
  const child = spawn(process.execPath, [main, ...args], {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', ...env },
  });
  const command: Command = {
    process: child,
    stdout: '',
    stderr: '',
    code: once(child, 'close').then(([code]) => code as number | null),
  };
  child.stdout.on('data', (chunk: Buffer) => (command.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (command.stderr += chunk.toString()));
  atTheEnd(async () => {
    child.kill('SIGKILL');
    await command.code;
  });
  return command;
}

/** Runs it to its end. */
export async function result(cwd: string, args: readonly string[], env?: Record<string, string>) {
  const command = fragment(cwd, args, env);
  return { code: await command.code, stdout: command.stdout, stderr: command.stderr };
}

export interface Running extends Command {
  readonly gateway: string;
  readonly scheduler: string;
}

/** Starts it on free ports and waits until it says where. */
export async function started(
  cwd: string,
  args: readonly string[] = [],
  env: Record<string, string> = {},
): Promise<Running> {
  const [name = 'start', ...others] = args[0]?.startsWith('-') ? ['start', ...args] : args;
  const command = fragment(cwd, [name, '--bind', '0:9090', '--bind', '0:9091', ...others], env);
  const ready = (): boolean => command.stderr.includes('\n\n') || command.process.exitCode !== null;
  await waitFor(ready, { timeoutMs: 25_000, message: 'the start' });
  if (command.process.exitCode !== null) throw new Error(`It ended: ${command.stderr}`);
  return Object.assign(command, addressesIn(command.stderr));
}

/** The addresses that a greeting names; of several the last. */
export function addressesIn(greeting: string): { gateway: string; scheduler: string } {
  const urlOf = (service: string): string =>
    [...greeting.matchAll(new RegExp(`(?:${service}) +(http://[^/\\s]+)`, 'g'))].at(-1)?.[1] ?? '';
  return { gateway: urlOf('gateway'), scheduler: urlOf('scheduler|dashboard') };
}

export const send = (gateway: string, userId = 'u1'): Promise<Response> =>
  fetch(`${gateway}/v1/track`, { method: 'POST', body: JSON.stringify({ userId, event: 'Order Paid' }) });
