import path from 'node:path';
import { FragmentError } from '@fragment/core';
import {
  generate,
  refuseConflicts,
  summaryOf,
  write,
  type Generation,
  type GenerateRequest,
} from '@fragment/scaffold';
import { ask } from './ask.js';
import { EXIT } from './report-error.js';

/** What commander makes of the flags. */
export interface CreateFlags extends Omit<GenerateRequest, 'kind' | 'name' | 'now'> {
  readonly name?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** `process.env`, or part of it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Writes an application, after at most two questions where somebody can answer them. */
export async function create(
  argument: string | undefined,
  flags: CreateFlags,
  env: Environment,
): Promise<number> {
  const request = await requestFrom({ ...flags, ...nameOf(argument, flags) }, env);
  if (request === 'cancelled') return EXIT.interrupted;
  const generation = generate(request);
  const dryRun = flags.dryRun ?? false;
  if (dryRun) refuseConflicts(generation);
  else await write(generation);
  if (flags.json) process.stdout.write(`${JSON.stringify(summaryOf(generation, dryRun))}\n`);
  else report(generation, dryRun, path.resolve(flags.cwd), managerOf(env));
  return EXIT.ok;
}

/** @throws {FragmentError} FRAGMENT_CLI_USAGE when it is said twice, and differently. */
function nameOf(argument: string | undefined, { name = argument }: CreateFlags): { readonly name?: string } {
  if (argument !== undefined && name !== argument) {
    const detail = `It cannot be called both ${argument} and ${String(name)}: leave one of them out.`;
    throw new FragmentError('FRAGMENT_CLI_USAGE', { detail });
  }
  return name === undefined ? {} : { name };
}

/** @throws {FragmentError} FRAGMENT_CLI_USAGE without a name, where nobody can be asked for it. */
async function requestFrom(flags: CreateFlags, env: Environment): Promise<GenerateRequest | 'cancelled'> {
  const asks = !flags.yes && !flags.json && process.stdin.isTTY && process.stderr.isTTY && !env['CI'];
  const answers = asks ? await ask(flags) : {};
  if (answers === 'cancelled') return answers;
  const { name, ...given } = { ...flags, ...answers };
  if (name === undefined) {
    const detail = 'A name is needed: npm create fragment@latest my-cdp.';
    throw new FragmentError('FRAGMENT_CLI_USAGE', { detail });
  }
  return { ...given, kind: 'application', name };
}

/** Results on stdout; what is left to do is talk. */
function report({ root, create, next }: Generation, dryRun: boolean, cwd: string, manager: string): void {
  const where = path.relative(cwd, root) || '.';
  if (dryRun) {
    process.stdout.write(create.map(({ path: file }) => `CREATE ${path.join(where, file)}\n`).join(''));
    process.stderr.write('Dry run: nothing was written.\n');
    return;
  }
  process.stdout.write(`Created ${where} (${create.length} files)\n`);
  const lines = next.map((line) => `  ${line.replace(/^npm /, `${manager} `)}`);
  process.stderr.write(['Next:', ...lines, ''].join('\n'));
}

/** Who runs this: npm and its like say so in the environment. */
function managerOf(env: Environment): string {
  return /^(npm|pnpm|yarn|bun)\//.exec(env['npm_config_user_agent'] ?? '')?.[1] ?? 'npm';
}
