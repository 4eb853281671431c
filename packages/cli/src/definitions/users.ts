import type { Command } from 'commander';
import { examples, group, type Done } from '../command.js';
import type { EraseFlags, ListFlags, OperatorFlags } from '../flags.js';
import { HEADINGS } from '../headings.js';
import { named, operated, paged } from './operating.js';

const WHOSE = 'user id or anonymous id';

export function usersCommand(done: Done): Command {
  return group('users', HEADINGS.users.description)
    .addCommand(showCommand(done))
    .addCommand(eraseCommand(done))
    .addCommand(erasuresCommand(done));
}

function showCommand(done: Done): Command {
  return named(operated('show', 'Show what the store knows of a user.'), WHOSE)
    .addHelpText('after', examples('fragment users show u9'))
    .action(async (id: string, flags: OperatorFlags) => {
      const { showUser } = await import('../commands/users.js');
      done(await showUser(id, flags));
    });
}

function eraseCommand(done: Done): Command {
  return named(operated('erase', 'Delete everything of a user from the store, and keep a receipt.'), WHOSE)
    .option('--confirm <id>', 'the id once more; without it, it is asked for')
    .addHelpText(
      'after',
      `${examples('fragment users erase u7 --confirm u7')}

It cannot be undone. What destinations were sent is theirs to erase; backups keep what they have. With --url the token
needs the role admin.`,
    )
    .action(async (id: string, flags: EraseFlags) => {
      const { eraseUser } = await import('../commands/users.js');
      done(await eraseUser(id, flags));
    });
}

function erasuresCommand(done: Done): Command {
  return paged(operated('erasures', 'List the receipts of erasures, the newest first.'))
    .addHelpText(
      'after',
      `${examples('fragment users erasures --json')}

A receipt does not hold the id it was about: \`subject\` is its SHA-256, in hex.`,
    )
    .action(async (flags: ListFlags) => {
      const { listErasures } = await import('../commands/users.js');
      done(await listErasures(flags));
    });
}
