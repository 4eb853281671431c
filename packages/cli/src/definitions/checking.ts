import { Option, type Command } from 'commander';
import { command, configured, examples, JSON_FLAG, type Done } from '../command.js';
import type { JsonFlags, TestFlags } from '../flags.js';
import { HEADINGS } from '../headings.js';

export function checkCommand(done: Done): Command {
  return configured('check', HEADINGS.check.description)
    .alias('build')
    .option(...JSON_FLAG)
    .addOption(new Option('--no-cache', 'accepted and not needed: nothing is cached').hideHelp())
    .addHelpText('after', examples('fragment check', 'fragment build --json'))
    .action(async (flags: JsonFlags) => {
      const { check } = await import('../commands/check.js');
      done(await check(flags));
    });
}

export function doctorCommand(done: Done): Command {
  return configured('doctor', HEADINGS.doctor.description)
    .option(...JSON_FLAG)
    .addHelpText(
      'after',
      `${examples('fragment doctor', 'fragment doctor --json')}

It looks at Node, the configuration, the store and its migrations, the queue and the eviction policy of Redis, the
clock, and the credentials of every destination. Exit code 0: fine, with or without warnings; 1: something failed; 3:
the configuration; 4: the store or the queue cannot be reached.`,
    )
    .action(async (flags: JsonFlags) => {
      const { doctor } = await import('../commands/doctor.js');
      done(await doctor(flags));
    });
}

export function envCommand(done: Done): Command {
  return configured('env', HEADINGS.env.description)
    .option(...JSON_FLAG)
    .addHelpText('after', examples('fragment env', 'fragment env --json'))
    .action(async (flags: JsonFlags) => {
      const { env } = await import('../commands/env.js');
      done(await env(flags));
    });
}

export function testCommand(done: Done): Command {
  return configured('test', HEADINGS.test.description)
    .argument('<destination>', 'its name')
    .requiredOption('--event <file>', 'a Segment message as JSON; - reads it from stdin')
    .option('--action <name>', 'this action, whatever the flows say')
    .option('--send', 'really send it; without it every connection is refused')
    .option(...JSON_FLAG)
    .addHelpText(
      'after',
      `${examples(
        'fragment test amplitude --event fixtures/identify.json',
        'fragment test webhook --event order.json --action track --send',
      )}

Nothing is stored. Without --send nothing leaves this machine: the first request of each job is shown, and the outcome
tells of the refused connection where the destination would have needed one.`,
    )
    .action(async (destination: string, flags: TestFlags) => {
      const { test } = await import('../commands/test.js');
      done(await test(destination, flags));
    });
}

export function versionCommand(done: Done): Command {
  return command('version', HEADINGS.version.description)
    .option(...JSON_FLAG)
    .action(async (flags: { json?: boolean }) => {
      const { version } = await import('../commands/version.js');
      done(version(flags));
    });
}
