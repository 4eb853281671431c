import { Option, type Command } from 'commander';
import { configured, examples, type Done } from '../command.js';
import type { DevFlags, StartFlags } from '../flags.js';
import { collectBinding } from '../values.js';
import { HEADINGS } from '../headings.js';

const bindable = (command: Command): Command =>
  command.option(
    '--bind <[host:]port:service>',
    'listen there instead of on 9090 (gateway) or 9091 (scheduler); repeatable',
    collectBinding,
    [],
  );

export function startCommand(done: Done): Command {
  return bindable(
    configured('start', HEADINGS.start.description).addOption(
      new Option('--service <name>', 'only this one').choices(['gateway', 'scheduler']),
    ),
  )
    .addOption(new Option('--no-cache', 'accepted and not needed: nothing is cached').hideHelp())
    .addHelpText(
      'after',
      `${examples(
        'fragment start --bind 19090:9090 --bind 19091:9091',
        'fragment start --service gateway --bind 0.0.0.0:8080:9090',
      )}

Ctrl-C or SIGTERM stops it within 10 seconds, with exit code 0; a second one ends it at once.`,
    )
    .action(async (flags: StartFlags) => {
      const { start } = await import('../commands/start.js');
      done(await start(flags));
    });
}

export function devCommand(done: Done): Command {
  return bindable(configured('dev', HEADINGS.dev.description))
    .addHelpText(
      'after',
      `${examples('fragment dev', 'fragment dev --bind 19090:9090 --bind 19091:9091')}

It watches the directory of the configuration: .ts, .mts, .js, .mjs, .json, .sql and .env files, not node_modules,
dist and directories that begin with a dot. Not for production: use \`fragment start\` there.`,
    )
    .action(async (flags: DevFlags) => {
      const { dev } = await import('../commands/dev.js');
      done(await dev(flags));
    });
}
