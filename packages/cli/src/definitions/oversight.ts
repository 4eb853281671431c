import type { Command } from 'commander';
import { examples, group, type Done } from '../command.js';
import type { FailuresFlags, ListFlags, WholeFlags } from '../flags.js';
import { HEADINGS } from '../headings.js';
import { filtered, limited, listed, operated, paged, timed } from './operating.js';

export function failuresCommand(done: Done): Command {
  return limited(timed(filtered(operated('failures', HEADINGS.failures.description)), 'created'))
    .addHelpText('after', examples('fragment failures --destination mailchimp --since 7d'))
    .action(async (flags: FailuresFlags) => {
      const { failures } = await import('../commands/oversight.js');
      done(await failures(flags));
    });
}

export function rejectionsCommand(done: Done): Command {
  const list = paged(operated('list', 'List what was refused when it came in, the newest first.'))
    .addHelpText('after', examples('fragment rejections list --limit 20'))
    .action(async (flags: ListFlags) => {
      const { listRejections } = await import('../commands/oversight.js');
      done(await listRejections(flags));
    });
  return group('rejections', HEADINGS.rejections.description).addCommand(list);
}

export function auditCommand(done: Done): Command {
  const list = paged(operated('list', 'List what operators did, the newest first.'))
    .addHelpText(
      'after',
      `${examples('fragment audit list --json')}

What these commands do on the store of the configuration was done by \`cli\`. With --url the token needs the role admin.`,
    )
    .action(async (flags: ListFlags) => {
      const { listAudit } = await import('../commands/oversight.js');
      done(await listAudit(flags));
    });
  return group('audit', HEADINGS.audit.description).addCommand(list);
}

export function servicesCommand(done: Done): Command {
  return listed(operated('services', HEADINGS.services.description))
    .addHelpText(
      'after',
      `${examples('fragment services')}

A service is gone after 30 seconds without a word, and named for a day. One that was stopped is not named.`,
    )
    .action(async (flags: WholeFlags) => {
      const { listServices } = await import('../commands/oversight.js');
      done(await listServices(flags));
    });
}
