import { spawnSync } from 'node:child_process';
import path from 'node:path';

/**
 * How long `fragment --help` takes, from the start of the process to its end: `node bench/dist/cli-help.js [runs]`.
 * Prints the median, the best, and the best of an empty Node process, in milliseconds. The aim is below 150.
 */
const main = path.resolve(import.meta.dirname, '../../packages/cli/bin/fragment.js');
const runs = Number(process.argv[2] ?? 20);

function timesOf(args: readonly string[]): readonly number[] {
  return Array.from({ length: runs }, () => {
    const started = performance.now();
    const { status } = spawnSync(process.execPath, args, { stdio: 'ignore' });
    if (status !== 0) process.exitCode = 1;
    return performance.now() - started;
  }).sort((a, b) => a - b);
}

const help = timesOf([main, '--help']);
const empty = timesOf(['--eval', '']);
const ms = (time: number | undefined): number => Math.round(time ?? NaN);
process.stdout.write(
  `${JSON.stringify({ runs, median: ms(help[Math.floor(runs / 2)]), best: ms(help[0]), emptyProcess: ms(empty[0]) })}\n`,
);
