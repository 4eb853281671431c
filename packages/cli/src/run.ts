import { CommanderError } from 'commander';
import { COMPLETE } from './completion/protocol.js';
import { EXIT } from './exit-codes.js';
import { createProgram } from './program.js';

/** Carries out one command line, without the program's own name, and resolves with its exit code. Never rejects. */
export async function run(args: readonly string[]): Promise<number> {
  let code: number = EXIT.ok;
  // Before anything is printed: whoever colours anything looks there.
  if (args.includes('--no-color')) process.env['NO_COLOR'] = '1';
  if (args[0] === COMPLETE) {
    const { complete } = await import('./completion/complete.js');
    return complete(args.slice(1));
  }
  const words = args.filter((arg) => !arg.startsWith('-')).slice(0, 2);
  const program = await createProgram((result) => (code = result), words);
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    return ended(error, args.includes('--json'));
  }
}

async function ended(error: unknown, json: boolean): Promise<number> {
  if (error instanceof CommanderError) {
    // Commander has already printed the help or version that was asked for, or what it did not understand.
    if (error.exitCode === 0) return EXIT.ok;
    if (json) await reportUsage(error);
    return EXIT.usage;
  }
  const { reportError, reportErrorAsJson } = await import('./report-error.js');
  return json ? reportErrorAsJson(error, process.stdout) : reportError(error, process.stderr);
}

async function reportUsage({ message }: CommanderError): Promise<void> {
  const [{ FragmentError }, { reportErrorAsJson }] = await Promise.all([
    import('@fragment/core'),
    import('./report-error.js'),
  ]);
  const detail = message.replace(/^error: /, '');
  reportErrorAsJson(new FragmentError('FRAGMENT_CLI_USAGE', { detail }), process.stdout);
}
