import path from 'node:path';
import { FragmentError } from '@fragment/core';
import {
  modeOf,
  MODES,
  nameProblem,
  parentsOf,
  projectOf,
  VENDORS,
  type GenerateRequest,
} from '@fragment/scaffold';
import type { GenerateFlags, Kind } from './flags.js';

/**
 * The flags as a request; on a terminal the missing ones are asked for. Every question has a flag.
 * @throws {FragmentError} FRAGMENT_CLI_USAGE naming the flag, where nobody can be asked
 */
export async function requestFrom(kind: Kind, flags: GenerateFlags): Promise<GenerateRequest | 'cancelled'> {
  const { name } = flags;
  const asks = !flags.yes && !flags.json && process.stdin.isTTY && process.stderr.isTTY && !process.env['CI'];
  const questions = asks ? missing(kind, flags) : [];
  let answers: Partial<GenerateRequest> = {};
  for (const question of questions) {
    const answer = await question();
    if (answer === 'cancelled') return answer;
    answers = { ...answers, ...answer };
  }
  const complete = { ...flags, kind, ...(name !== undefined && { name }), ...answers };
  if (complete.name === undefined) {
    throw new FragmentError('FRAGMENT_CLI_USAGE', {
      detail: `--name is needed: what the ${kind} is called.`,
    });
  }
  return { ...complete, name: complete.name };
}

type Question = () => Promise<Partial<GenerateRequest> | 'cancelled'>;

function missing(kind: Kind, flags: GenerateFlags): readonly Question[] {
  const parents = kind === 'trigger' ? 'sources' : kind === 'action' ? 'destinations' : undefined;
  const there = parents === undefined || flags.path !== undefined ? [] : parentsOf(parents, flags);
  return [
    ...(flags.name === undefined ? [() => askName(kind)] : []),
    ...(kind === 'trigger' && flags.mode === undefined ? [askMode] : []),
    ...(there.length > 1 ? [() => askParent(kind, projectOf(flags).root, there)] : []),
    ...(kind === 'application' && flags.destinations === undefined ? [askDestinations] : []),
  ];
}

// Questions are talk: stdout is for results.
const output = process.stderr;

async function askName(kind: Kind): ReturnType<Question> {
  const { isCancel, text } = await import('@clack/prompts');
  const validate = (name = ''): string | undefined => {
    const problem = nameProblem(name);
    return problem === undefined ? undefined : `It ${problem}.`;
  };
  const name = await text({ message: `What is the ${kind} called?`, validate, output });
  return isCancel(name) ? 'cancelled' : { name };
}

async function askMode(): ReturnType<Question> {
  const { isCancel, select } = await import('@clack/prompts');
  const options = MODES.map((value) => ({ value, label: value }));
  const mode = await select({ message: 'How does its data arrive?', options, output });
  const known = isCancel(mode) ? undefined : modeOf(mode);
  return known === undefined ? 'cancelled' : { mode: known };
}

async function askParent(kind: Kind, root: string, there: readonly string[]): ReturnType<Question> {
  const { isCancel, select } = await import('@clack/prompts');
  const options = there.map((value) => ({ value, label: value }));
  const parent = await select({ message: `Where does the ${kind} belong?`, options, output });
  return isCancel(parent) ? 'cancelled' : { path: path.join(root, parent) };
}

async function askDestinations(): ReturnType<Question> {
  const { isCancel, multiselect } = await import('@clack/prompts');
  const options = VENDORS.map((value) => ({ value, label: value }));
  const message = 'Where do events go? None: the log shows them.';
  const destinations = await multiselect({ message, options, required: false, output });
  return isCancel(destinations) ? 'cancelled' : { destinations };
}
