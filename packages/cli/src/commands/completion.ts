import { scripts, type Shell } from '../completion/scripts.js';
import { EXIT } from '../exit-codes.js';

/** Prints the script of a shell. */
export function completion(shell: Shell): number {
  process.stdout.write(scripts[shell]);
  return EXIT.ok;
}
