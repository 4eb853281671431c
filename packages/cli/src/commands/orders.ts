import { setTimeout } from 'node:timers/promises';
import { EXIT } from '../exit-codes.js';
import type { ListFlags, OperatorFlags, WatchFlags } from '../flags.js';
import { withOperator } from '../operate/open.js';
import type { Operator } from '../operate/operator.js';
import type { OrderView } from '../operate/oversight-views.js';
import { printable, printJson, table } from '../output.js';
import { untilStopped } from '../until-stopped.js';
import { list } from './listing.js';

const WATCH_MS = 500;

export const listOrders = (flags: ListFlags): Promise<number> =>
  list(flags, (operator, page) => operator.findOrders(page), { noun: 'order', row: rowOf });

const rowOf = (order: OrderView): string[] => [
  order.created_at,
  order.id,
  order.kind,
  order.state,
  progressOf(order),
  order.actor,
];

const progressOf = ({ visited, total, total_is_capped, done }: OrderView): string =>
  `${visited} of ${total}${total_is_capped ? ' or more' : ''}, ${done} changed`;

export async function showOrder(id: string, flags: WatchFlags): Promise<number> {
  if (flags.watch) return watchOrder(id, flags);
  print(await withOperator(flags, (operator) => operator.findOrder(id)), flags);
  return EXIT.ok;
}

/** Shows it when it has ended, and fails when it did not end well. */
async function watchOrder(id: string, flags: WatchFlags): Promise<number> {
  const order = await untilStopped((signal) =>
    withOperator(flags, (operator) => watched(operator, id, flags, signal)),
  );
  print(order, flags);
  if (!hasEnded(order)) return EXIT.interrupted;
  return order.state === 'done' ? EXIT.ok : EXIT.failed;
}

function print(order: OrderView, { json }: OperatorFlags): void {
  if (json) printJson(order);
  else process.stdout.write(orderText(order));
}

/** Tells how far it is, whenever that has changed, until it has ended or somebody stops. */
async function watched(
  operator: Operator,
  id: string,
  { json }: WatchFlags,
  signal: AbortSignal,
): Promise<OrderView> {
  let told = '';
  for (;;) {
    const order = await operator.findOrder(id);
    if (hasEnded(order) || signal.aborted) return order;
    const line = `${order.state}  ${progressOf(order)}\n`;
    if (line !== told && !json) process.stderr.write(line);
    told = line;
    await setTimeout(WATCH_MS, undefined, { signal }).catch(() => undefined);
  }
}

const hasEnded = ({ state }: OrderView): boolean => state !== 'waiting' && state !== 'running';

/** What is done stays done. */
export async function cancelOrder(id: string, flags: OperatorFlags): Promise<number> {
  const order = await withOperator(flags, (operator) => operator.cancelOrder(id));
  if (flags.json) printJson(order);
  else process.stdout.write(`The order is ${order.state}: ${progressOf(order)}.\n`);
  return EXIT.ok;
}

function orderText(order: OrderView): string {
  const filter = Object.entries(order.where).map(([name, value]) => `${name}=${String(value)}`);
  const facts = [
    ['order', order.id],
    ['kind', order.kind],
    ['where', filter.join(' ') || 'all'],
    ['rate', order.rate_per_second === null ? null : `${order.rate_per_second} a second`],
    ['state', order.state],
    ['progress', progressOf(order)],
    ['by', order.actor],
    ['ordered', order.created_at],
    ['started', order.started_at],
    ['finished', order.finished_at],
    ['error', order.error],
  ].flatMap(([name, value]) => (value ? [[name ?? '', printable(value)]] : []));
  return table(facts);
}
