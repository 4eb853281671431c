import { Command, InvalidArgumentError, Option } from 'commander';
import { parseBind, type Binding } from './bind.js';
import { EXIT } from './exit-codes.js';
import type { MigrationFlags, StartFlags } from './flags.js';
import { ownVersion } from './own-version.js';

type Done = (code: number) => void;

/** The commands and their flags. What a command needs is loaded when it runs, so that help comes at once. */
export function createProgram(done: Done): Command {
  return new Command('fragment')
    .description('The customer data platform that you install into your own Node service.')
    .usage('<command> [options]')
    .version(ownVersion(), '-V, --version')
    .exitOverride()
    .showHelpAfterError('See `fragment --help`.')
    .addHelpText('after', afterHelp)
    .addCommand(startCommand(done))
    .addCommand(migrationsCommand(done))
    .addCommand(versionCommand(done));
}

const afterHelp = `
Examples:
  fragment start
  fragment start --service gateway --bind 0.0.0.0:8080:9090
  fragment migrations status --json

Exit codes: ${EXIT.ok} done, ${EXIT.failed} failed, ${EXIT.usage} wrong usage, ${EXIT.interrupted} and ${EXIT.terminated} told to stop a second time.`;

function command(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .exitOverride()
    .showHelpAfterError('See --help of the command.');
}

/** The flags of every command that needs the application. */
function configured(name: string, description: string): Command {
  return command(name, description)
    .option('--config <file>', 'configuration file (default: fragment.config.{ts,mts,js,mjs} here or above)')
    .option('--cwd <dir>', 'where to look for it', '.')
    .option(
      '--env-file <file>',
      'variables to add to the environment (default: .env beside the configuration)',
    );
}

function startCommand(done: Done): Command {
  return configured('start', 'Start the gateway and the scheduler, or one of them.')
    .addOption(new Option('--service <name>', 'only this one').choices(['gateway', 'scheduler']))
    .option(
      '--bind <[host:]port:service>',
      'listen there instead of on 9090 or 9091; repeatable',
      collectBinding,
      [],
    )
    .addHelpText(
      'after',
      `
Examples:
  fragment start --bind 19090:9090 --bind 19091:9091
  fragment start --service gateway --bind 0.0.0.0:8080:9090

Ctrl-C or SIGTERM stops it within 10 seconds, with exit code 0; a second one ends it at once.`,
    )
    .action(async (options: StartFlags) => {
      const { start } = await import('./commands/start.js');
      done(await start(options));
    });
}

function migrationsCommand(done: Done): Command {
  const migrations = command('migrations', "The schema of the application's store.").usage(
    '<command> [options]',
  );
  const leaf = (name: 'run' | 'status', description: string): Command =>
    configured(name, description)
      .option('--json', 'one JSON document on stdout')
      .action(async (options: MigrationFlags) => {
        const { migrations } = await import('./commands/migrations.js');
        done(await migrations(name, options));
      });
  return migrations
    .addCommand(leaf('run', 'Bring the schema up to date.'))
    .addCommand(leaf('status', 'Tell what is applied and what is pending.'));
}

function versionCommand(done: Done): Command {
  return command('version', 'Print the version, the runtime and the platform.')
    .option('--json', 'one JSON document on stdout')
    .action(async (options: { json?: boolean }) => {
      const { version } = await import('./commands/version.js');
      done(version(options));
    });
}

function collectBinding(text: string, earlier: readonly Binding[]): readonly Binding[] {
  const binding = parseBind(text);
  if (typeof binding === 'string') throw new InvalidArgumentError(binding);
  if (earlier.some(({ service }) => service === binding.service)) {
    throw new InvalidArgumentError(`The ${binding.service} can listen in one place only.`);
  }
  return [...earlier, binding];
}
