import { Command } from 'commander';
import type { Done } from './command.js';
import {
  checkCommand,
  doctorCommand,
  envCommand,
  testCommand,
  versionCommand,
} from './definitions/checking.js';
import { runCommand } from './definitions/later.js';
import { eventsCommand, jobsCommand } from './definitions/operating.js';
import { devCommand, startCommand } from './definitions/running.js';
import { migrationsCommand } from './definitions/schema.js';
import { EXIT } from './exit-codes.js';
import { generateCommand } from './generate/command.js';
import { ownVersion } from './own-version.js';

/** The commands and their flags. What a command needs is loaded when it runs, so that help comes at once. */
export function createProgram(done: Done): Command {
  return (
    new Command('fragment')
      .description('The customer data platform that you install into your own Node service.')
      .usage('<command> [options]')
      .version(ownVersion(), '-V, --version')
      .exitOverride()
      // `migrations rollback --version` has a flag of that name too.
      .enablePositionalOptions()
      .showHelpAfterError('See `fragment --help`.')
      .addHelpText('after', afterHelp)
      .addCommand(generateCommand(done))
      .addCommand(devCommand(done))
      .addCommand(startCommand(done))
      .addCommand(checkCommand(done))
      .addCommand(doctorCommand(done))
      .addCommand(envCommand(done))
      .addCommand(testCommand(done))
      .addCommand(eventsCommand(done))
      .addCommand(jobsCommand(done))
      .addCommand(migrationsCommand(done))
      .addCommand(runCommand())
      .addCommand(versionCommand(done))
  );
}

const afterHelp = `
Examples:
  fragment dev
  fragment start --service gateway --bind 0.0.0.0:8080:9090
  fragment jobs retry --destination amplitude --status discarded --since 24h --dry-run

Exit codes: ${EXIT.ok} done, ${EXIT.failed} failed, ${EXIT.usage} wrong usage, ${EXIT.config} configuration not valid, ${EXIT.unreachable} store, queue or admin API
not reachable, ${EXIT.empty} nothing matched (--fail-if-empty), ${EXIT.conflict} something is in the way, ${EXIT.interrupted} and ${EXIT.terminated} told to stop
a second time. Read more: docs/cli/README.md`;
