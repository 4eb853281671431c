import { FragmentError } from '@fragment/core';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { create, type CreateFlags, type Environment } from './create.js';
import { EXIT, reportError } from './report-error.js';
import { vendorsIn } from './vendors.js';

/** Carries out one command line, without the program's own name, and resolves with its exit code. Never rejects. */
export async function run(args: readonly string[], env: Environment): Promise<number> {
  let code: number = EXIT.ok;
  const program = new Command('create-fragment')
    .description('A customer data platform of your own, in a new directory.')
    .argument('[name]', 'what it is called; also its directory')
    .option('--name <name>', 'the same')
    .option('--path <dir>', 'the directory to make (default: the name)')
    .option(
      '--destinations <names>',
      'amplitude, mailchimp, segment, webhook: with commas between them',
      vendors,
    )
    .option('--packages <dir>', 'take the Fragment packages from the tarballs there, instead of the registry')
    .option('--no-comments', 'leave the comments out')
    .option('--cwd <dir>', 'where relative paths start', '.')
    .option('--dry-run', 'only tell what would be written')
    .addOption(new Option('--dryrun', 'the same').hideHelp().implies({ dryRun: true }))
    .option('-y, --yes', 'ask nothing: what is not given has its default')
    .option('--json', 'one JSON document on stdout, errors too')
    .addHelpText('after', afterHelp)
    .exitOverride()
    .showHelpAfterError('See `create-fragment --help`.')
    .action(async (name: string | undefined, flags: CreateFlags) => {
      code = await create(name, flags, env);
    });
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    const json = args.includes('--json');
    if (!(error instanceof CommanderError)) return reportError(error, json);
    // Commander has already told people what it did not understand, and printed the help that was asked for.
    if (error.exitCode === 0) return EXIT.ok;
    return json ? reportError(usageOf(error), json) : EXIT.usage;
  }
}

const usageOf = ({ message }: CommanderError): FragmentError =>
  new FragmentError('FRAGMENT_CLI_USAGE', { detail: message.replace(/^error: /, '') });

const afterHelp = `
Examples:
  npm create fragment@latest my-cdp
  npm create fragment@latest my-cdp -- --destinations amplitude,webhook --yes

Exit codes: 0 done, 1 failed, 2 wrong usage, 6 something is in the way, 130 cancelled.`;

function vendors(text: string): CreateFlags['destinations'] {
  const { known, unknown } = vendorsIn(text);
  if (unknown === undefined) return known;
  throw new InvalidArgumentError(`"${unknown}" is none of amplitude, mailchimp, segment, webhook.`);
}
