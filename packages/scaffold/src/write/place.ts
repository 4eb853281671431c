import { constants } from 'node:fs';
import { copyFile, link } from 'node:fs/promises';
import { FragmentError } from '@fragment/core';

/** File systems without hard links. */
const NO_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'ENOSYS', 'EXDEV', 'EMLINK']);

/**
 * Puts a finished file in its place, in one piece and only if the place is free.
 * @throws {FragmentError} FRAGMENT_SCAFFOLD_CONFLICT when it is not.
 */
export async function place(file: string, target: string): Promise<void> {
  try {
    await link(file, target).catch((error: unknown) => {
      if (!NO_LINKS.has(codeOf(error))) throw error;
      return copyFile(file, target, constants.COPYFILE_EXCL);
    });
  } catch (cause) {
    if (codeOf(cause) !== 'EEXIST') throw cause;
    throw new FragmentError('FRAGMENT_SCAFFOLD_CONFLICT', { detail: `${target} is there already.`, cause });
  }
}

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
