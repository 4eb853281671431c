import { createProgram } from '../program.js';
import { EXIT } from '../exit-codes.js';
import { candidates } from './candidates.js';

/** Answers a shell: a line for each word, with what it means after a tab. Nothing: the shell offers files. */
export async function complete([place = '1', ...words]: readonly string[]): Promise<number> {
  const before = words.slice(0, Math.max(0, Number(place) - 1));
  const begun = words[before.length] ?? '';
  const program = await createProgram(() => undefined);
  const found = (await candidates(program, before, begun)).filter(({ word }) => word.startsWith(begun));
  process.stdout.write(
    found.map(({ word, about }) => (about ? `${word}\t${about}\n` : `${word}\n`)).join(''),
  );
  return EXIT.ok;
}
