import { Command } from 'commander';
import type { Done } from './command.js';
import { EXIT } from './exit-codes.js';
import { HEADINGS, type CommandName } from './headings.js';
import { ownVersion } from './own-version.js';

type Definition = (done: Done) => Command;

const definitions: Readonly<Record<CommandName, () => Promise<Definition>>> = {
  generate: async () => (await import('./generate/command.js')).generateCommand,
  dev: async () => (await import('./definitions/running.js')).devCommand,
  start: async () => (await import('./definitions/running.js')).startCommand,
  check: async () => (await import('./definitions/checking.js')).checkCommand,
  doctor: async () => (await import('./definitions/checking.js')).doctorCommand,
  env: async () => (await import('./definitions/checking.js')).envCommand,
  test: async () => (await import('./definitions/checking.js')).testCommand,
  events: async () => (await import('./definitions/events.js')).eventsCommand,
  jobs: async () => (await import('./definitions/jobs.js')).jobsCommand,
  failures: async () => (await import('./definitions/oversight.js')).failuresCommand,
  destinations: async () => (await import('./definitions/destinations.js')).destinationsCommand,
  schedules: async () => (await import('./definitions/schedules.js')).schedulesCommand,
  orders: async () => (await import('./definitions/orders.js')).ordersCommand,
  rejections: async () => (await import('./definitions/oversight.js')).rejectionsCommand,
  users: async () => (await import('./definitions/users.js')).usersCommand,
  services: async () => (await import('./definitions/oversight.js')).servicesCommand,
  audit: async () => (await import('./definitions/oversight.js')).auditCommand,
  migrations: async () => (await import('./definitions/schema.js')).migrationsCommand,
  run: async () => (await import('./definitions/later.js')).runCommand,
  completion: async () => (await import('./definitions/completion.js')).completionCommand,
  version: async () => (await import('./definitions/checking.js')).versionCommand,
};

/**
 * The program. Only the commands that are wanted are made, with their flags: the others are there by their names, which is
 * what help and suggestions show. What a command needs is loaded when it runs, so that help comes at once.
 *
 * @param wanted words of the command line. Default: every command.
 */
export async function createProgram(done: Done, wanted?: readonly string[]): Promise<Command> {
  const program = new Command('fragment')
    .description('The customer data platform that you install into your own Node service.')
    .usage('<command> [options]')
    .version(ownVersion(), '-V, --version')
    .exitOverride()
    // `migrations rollback --version` has a flag of that name too.
    .enablePositionalOptions()
    .showHelpAfterError('See `fragment --help`.')
    .configureHelp({ subcommandTerm: termOf })
    .addHelpText('after', afterHelp);
  for (const [name, load] of Object.entries(definitions) as [CommandName, () => Promise<Definition>][]) {
    const [, alias] = /\|(\w+)/.exec(HEADINGS[name].term) ?? [];
    const isWanted =
      wanted === undefined || wanted.includes(name) || (alias !== undefined && wanted.includes(alias));
    program.addCommand(isWanted ? (await load())(done) : named(name, alias));
  }
  return program;
}

function named(name: CommandName, alias: string | undefined): Command {
  const command = new Command(name).description(HEADINGS[name].description);
  return alias === undefined ? command : command.alias(alias);
}

const termOf = (command: Command): string =>
  Object.entries(HEADINGS).find(([name]) => name === command.name())?.[1].term ?? 'help [command]';

const afterHelp = `
Examples:
  fragment dev
  fragment start --service gateway --bind 0.0.0.0:8080:9090
  fragment jobs retry --destination amplitude --status discarded --since 24h --dry-run

Exit codes: ${EXIT.ok} done, ${EXIT.failed} failed, ${EXIT.usage} wrong usage, ${EXIT.config} configuration not valid, ${EXIT.unreachable} store, queue or admin API
not reachable, ${EXIT.empty} nothing matched (--fail-if-empty), ${EXIT.conflict} something is in the way, ${EXIT.interrupted} and ${EXIT.terminated} told to stop
a second time. Read more: docs/cli/README.md`;
