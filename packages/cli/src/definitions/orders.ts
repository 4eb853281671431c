import type { Command } from 'commander';
import { examples, group, type Done } from '../command.js';
import type { ListFlags, OperatorFlags, WatchFlags } from '../flags.js';
import { HEADINGS } from '../headings.js';
import { named, operated, paged } from './operating.js';

export function ordersCommand(done: Done): Command {
  return group('orders', HEADINGS.orders.description)
    .addCommand(listCommand(done))
    .addCommand(showCommand(done))
    .addCommand(cancelCommand(done));
}

function listCommand(done: Done): Command {
  return paged(operated('list', 'List orders to retry, discard or replay many, the newest first.'))
    .addHelpText('after', examples('fragment orders list --limit 5'))
    .action(async (flags: ListFlags) => {
      const { listOrders } = await import('../commands/orders.js');
      done(await listOrders(flags));
    });
}

function showCommand(done: Done): Command {
  return named(operated('show', 'Show an order and how far it is.'), 'of the order')
    .option('--watch', 'tell more until it has ended')
    .addHelpText(
      'after',
      `${examples('fragment orders show <order id>')}

With --watch: exit code 0 when it is done, 1 when it was cancelled or failed, 130 after Ctrl-C.`,
    )
    .action(async (id: string, flags: WatchFlags) => {
      const { showOrder } = await import('../commands/orders.js');
      done(await showOrder(id, flags));
    });
}

function cancelCommand(done: Done): Command {
  return named(operated('cancel', 'Cancel an order. What is done stays done.'), 'of the order')
    .addHelpText('after', examples('fragment orders cancel <order id>'))
    .action(async (id: string, flags: OperatorFlags) => {
      const { cancelOrder } = await import('../commands/orders.js');
      done(await cancelOrder(id, flags));
    });
}
