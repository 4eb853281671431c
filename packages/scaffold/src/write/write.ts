import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, rmdir, rename, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { FragmentError } from '@fragment/core';
import type { ChangedFile, Generation, NewFile } from '../generation.js';
import { place } from './place.js';

/**
 * Writes everything that a generation holds, or nothing. No file is ever overwritten, not even one that appears meanwhile.
 *
 * @throws {FragmentError} FRAGMENT_SCAFFOLD_CONFLICT, naming each file in the way, or one that was changed since;
 *   FRAGMENT_SCAFFOLD_NOT_WRITTEN when the system refuses.
 */
export async function write(generation: Generation): Promise<void> {
  refuseConflicts(generation);
  const undo: (() => Promise<unknown>)[] = [];
  try {
    await makeDirectories(generation.root, undo);
    const stage = await mkdtemp(path.join(generation.root, '.fragment-generate-'));
    undo.push(() => rm(stage, { recursive: true, force: true }));
    await carryOut(generation, stage, undo);
    await rm(stage, { recursive: true, force: true });
  } catch (cause) {
    for (const step of undo.reverse()) await step().catch(() => undefined);
    if (cause instanceof FragmentError) throw cause;
    throw new FragmentError('FRAGMENT_SCAFFOLD_NOT_WRITTEN', { detail: `${sentenceOf(cause)}.`, cause });
  }
}

/** What is in the way, before anything is touched. @throws {FragmentError} FRAGMENT_SCAFFOLD_CONFLICT */
export function refuseConflicts({ kind, root, create, update }: Generation): void {
  const taken =
    kind === 'application'
      ? entriesOf(root).filter((entry) => entry !== '.git')
      : create.filter(({ path: file }) => existsSync(path.join(root, file))).map(({ path: file }) => file);
  const changed = update
    .filter(({ path: file, before }) => readOr(path.join(root, file)) !== before)
    .map(({ path: file }) => file);
  const problems = [
    ...taken.map((file) => ({ message: `${path.join(root, file)} is there already`, path: [file] })),
    ...changed.map((file) => ({ message: `${path.join(root, file)} was changed meanwhile`, path: [file] })),
  ];
  if (problems.length === 0) return;
  const detail = problems.map(({ message }) => message).join('; ');
  throw new FragmentError('FRAGMENT_SCAFFOLD_CONFLICT', {
    detail: `${detail}.`,
    validations: problems.map(({ message }) => ({ message, path: [] })),
  });
}

async function carryOut(
  { root, create, update }: Generation,
  stage: string,
  undo: (() => Promise<unknown>)[],
): Promise<void> {
  // Whatever can fail for want of room or rights fails here, beside the project.
  const staged = await Promise.all(
    [...create, ...update].map((file, index) => stageFile(stage, index, file)),
  );
  for (const [index, { path: file }] of create.entries()) {
    const target = path.join(root, file);
    await makeDirectories(path.dirname(target), undo);
    await place(staged[index] ?? '', target);
    undo.push(() => unlink(target));
  }
  for (const [index, file] of update.entries())
    await replace(root, file, staged[create.length + index] ?? '', undo);
}

async function stageFile(stage: string, index: number, { text }: NewFile): Promise<string> {
  const file = path.join(stage, String(index));
  await writeFile(file, text, { flag: 'wx' });
  return file;
}

async function replace(
  root: string,
  { path: file, before }: ChangedFile,
  staged: string,
  undo: (() => Promise<unknown>)[],
): Promise<void> {
  const target = path.join(root, file);
  // Another generator may have changed it while this one was writing.
  if (readOr(target) !== before) {
    throw new FragmentError('FRAGMENT_SCAFFOLD_CONFLICT', { detail: `${target} was changed meanwhile.` });
  }
  await rename(staged, target);
  undo.push(() => writeFile(target, before));
}

/** Makes a directory and those above it that are missing; undone, only those go that were made. */
async function makeDirectories(directory: string, undo: (() => Promise<unknown>)[]): Promise<void> {
  const first = await mkdir(directory, { recursive: true });
  if (first === undefined) return;
  for (const made of between(first, directory)) undo.push(() => rmdir(made));
}

/** Both and the directories between them, the outermost first. */
function between(outer: string, inner: string): readonly string[] {
  const made = [inner];
  while (made[0] !== undefined && made[0] !== outer && made[0].length > outer.length)
    made.unshift(path.dirname(made[0]));
  return made;
}

const entriesOf = (directory: string): readonly string[] =>
  existsSync(directory) ? readdirSync(directory) : [];

const readOr = (file: string): string | undefined =>
  existsSync(file) ? readFileSync(file, 'utf8') : undefined;

const sentenceOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
