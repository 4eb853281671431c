import { unlink } from 'node:fs/promises';
import { errnoOf } from './errors.js';

/**
 * Removes a file or socket if it is there. Not `rm`, which looks at the file first: on Node 20 a look at a socket stays
 * in the memory that `realpathSync` shares, and the next `require` through a symbolic link finds the wrong module.
 */
export async function removeFile(file: string): Promise<void> {
  try {
    await unlink(file);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
}
