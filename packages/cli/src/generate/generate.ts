import path from 'node:path';
import { generate, refuseConflicts, summaryOf, write, type Generation } from '@fragment/scaffold';
import { EXIT } from '../exit-codes.js';
import { printJson } from '../output.js';
import type { GenerateFlags, Kind } from './flags.js';

/** Writes one piece, after asking for what was not said where somebody can be asked. */
export async function generatePiece(kind: Kind, flags: GenerateFlags): Promise<number> {
  const { requestFrom } = await import('./ask.js');
  const request = await requestFrom(kind, flags);
  if (request === 'cancelled') return EXIT.interrupted;
  const generation = generate(request);
  const dryRun = flags.dryRun ?? false;
  if (dryRun) refuseConflicts(generation);
  else await write(generation);
  if (flags.json) printJson(summaryOf(generation, dryRun));
  else report(generation, dryRun, path.resolve(flags.cwd));
  return EXIT.ok;
}

/** Results on stdout; what is left to do is talk. */
function report(
  { root, create, update, unregistered, next }: Generation,
  dryRun: boolean,
  cwd: string,
): void {
  const shown = (file: string): string => path.relative(cwd, path.join(root, file));
  const results = [
    ...create.map(({ path: file, text }) => `CREATE ${shown(file)} (${sizeOf(text)})`),
    ...update.map(({ path: file, lines }) => `UPDATE ${shown(file)} (+${countOf(lines.length)})`),
  ];
  process.stdout.write(`${results.join('\n')}\n`);
  const talk = unregistered.flatMap(({ path: file, lines, because }) => [
    `Not registered in ${shown(file)}: ${because}. The lines to add:`,
    ...lines.map((line) => `  ${line}`),
  ]);
  talk.push(...(dryRun ? ['Dry run: nothing was written.'] : ['Next:', ...next.map((line) => `  ${line}`)]));
  process.stderr.write(`${talk.join('\n')}\n`);
}

const sizeOf = (text: string): string => {
  const bytes = Buffer.byteLength(text);
  return bytes < 1_000 ? `${bytes} B` : `${(bytes / 1_000).toFixed(1)} kB`;
};

const countOf = (lines: number): string => (lines === 1 ? '1 line' : `${lines} lines`);
