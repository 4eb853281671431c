import type { Command } from 'commander';
import { examples, group, JSON_FLAG, type Done } from '../command.js';
import type { OperatorFlags, PauseFlags } from '../flags.js';
import { HEADINGS } from '../headings.js';
import { word } from '../values.js';
import { operated } from './operating.js';

export function destinationsCommand(done: Done): Command {
  return group('destinations', HEADINGS.destinations.description)
    .addCommand(listCommand(done))
    .addCommand(checkCommand(done))
    .addCommand(pauseCommand(done))
    .addCommand(resumeCommand(done));
}

function listCommand(done: Done): Command {
  return operated('list', 'List the destinations: the state of their lanes, and what they have to do.')
    .option(...JSON_FLAG)
    .addHelpText(
      'after',
      `${examples('fragment destinations list')}

Numbers of finished jobs are estimates where there are many. \`fragment doctor\` checks the credentials.`,
    )
    .action(async (flags: OperatorFlags) => {
      const { listDestinations } = await import('../commands/destinations.js');
      done(await listDestinations(flags));
    });
}

const aimed = (name: string, description: string): Command =>
  operated(name, description)
    .argument('<destination>', 'its name', word)
    .option(...JSON_FLAG);

function checkCommand(done: Done): Command {
  return aimed('check', 'Ask whether the credentials of a destination work: ok, refused or unknown.')
    .addHelpText(
      'after',
      `${examples('fragment destinations check amplitude')}

Exit code 1 when they are refused. It is unknown when the destination has no way to tell, or no answer in 15 seconds.
\`fragment doctor\` checks every destination.`,
    )
    .action(async (destination: string, flags: OperatorFlags) => {
      const { checkDestination } = await import('../commands/destinations.js');
      done(await checkDestination(destination, flags));
    });
}

function pauseCommand(done: Done): Command {
  return aimed('pause', 'Stop the deliveries of a destination until it is resumed. Its jobs stay.')
    .option('--reason <text>', 'shown to whoever looks at the lane', word)
    .addHelpText('after', examples('fragment destinations pause amplitude --reason "their maintenance"'))
    .action(async (destination: string, flags: PauseFlags) => {
      const { pauseDestination } = await import('../commands/destinations.js');
      done(await pauseDestination(destination, flags));
    });
}

function resumeCommand(done: Done): Command {
  return aimed('resume', 'Open the lane of a destination, whatever closed it.')
    .addHelpText('after', examples('fragment destinations resume amplitude'))
    .action(async (destination: string, flags: OperatorFlags) => {
      const { resumeDestination } = await import('../commands/destinations.js');
      done(await resumeDestination(destination, flags));
    });
}
