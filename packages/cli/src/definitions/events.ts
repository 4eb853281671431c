import type { Command } from 'commander';
import { examples, group, JSON_FLAG, type Done } from '../command.js';
import type { OperatorFlags, SearchFlags, SendFlags, TailFlags } from '../flags.js';
import { HEADINGS } from '../headings.js';
import { positive, word } from '../values.js';
import { changing } from './changing.js';
import { purgeCommand } from './purging.js';
import { filtered, named, operated, paged, timed } from './operating.js';

export function eventsCommand(done: Done): Command {
  return group('events', HEADINGS.events.description)
    .addCommand(tailCommand(done))
    .addCommand(listCommand(done))
    .addCommand(showCommand(done))
    .addCommand(replayCommand(done))
    .addCommand(purgeCommand(done))
    .addCommand(sendCommand(done));
}

const searched = (name: string, description: string): Command =>
  timed(filtered(operated(name, description)), 'received').option(
    '--plan-failed',
    'events that have no jobs, because a flow threw',
  );

function tailCommand(done: Done): Command {
  return filtered(operated('tail', 'Follow events and what becomes of their jobs, until Ctrl-C.'))
    .option('--limit <n>', 'end after so many lines', positive)
    .option('--json', 'one JSON document per line')
    .addHelpText(
      'after',
      `${examples(
        'fragment events tail --type track',
        'fragment events tail --url http://127.0.0.1:9091 --json',
      )}

An event that matches is shown with all of its jobs. With --url, exit code 4 when the scheduler there goes away.`,
    )
    .action(async (flags: TailFlags) => {
      const { tail } = await import('../commands/tail.js');
      done(await tail(flags));
    });
}

function listCommand(done: Done): Command {
  return paged(searched('list', 'List events, the newest first.'))
    .addHelpText(
      'after',
      `${examples('fragment events list --user u1 --since 24h')}

An event matches when it and one of its jobs do.`,
    )
    .action(async (flags: SearchFlags) => {
      const { listEvents } = await import('../commands/events.js');
      done(await listEvents(flags));
    });
}

function showCommand(done: Done): Command {
  return named(
    operated('show', 'Show an event with what it carries, its jobs and every change of their status.'),
    'of the event',
  )
    .addHelpText(
      'after',
      `${examples('fragment events show <event id>')}

Requests and responses are shown as far as they were kept, secrets masked.`,
    )
    .action(async (id: string, flags: OperatorFlags) => {
      const { showEvent } = await import('../commands/events.js');
      done(await showEvent(id, flags));
    });
}

function replayCommand(done: Done): Command {
  const command = searched('replay', 'Plan events again, with the flows as they are now, and add the jobs.');
  return changing(command.option('--event <id>', 'this event', word), 'replay', {
    done,
    lines: [
      'fragment events replay --plan-failed --since 24h --dry-run',
      'fragment events replay --event <event id> --yes',
    ],
    more: `

Jobs that were delivered are delivered again, under new idempotency keys; \`fragment jobs retry\` is for jobs that failed.`,
  });
}

function sendCommand(done: Done): Command {
  return operated('send', 'Take a message in as if it had been sent, to see what becomes of it.')
    .argument('<message>', 'a Segment message with its type, as JSON; or @ and a file; - reads stdin', word)
    .option('--destination <name>', 'for this destination alone', word)
    .option('--source <name>', 'by this source. Default: the first that takes the type', word)
    .option(...JSON_FLAG)
    .addHelpText(
      'after',
      `${examples(
        `fragment events send '{"type":"track","userId":"u1","event":"Order Paid"}'`,
        'fragment events send @fixtures/identify.json --destination amplitude',
      )}

It is stored and delivered like any other. \`fragment test\` stores and sends nothing.`,
    )
    .action(async (message: string, flags: SendFlags) => {
      const { sendEvent } = await import('../commands/events.js');
      done(await sendEvent(message, flags));
    });
}
