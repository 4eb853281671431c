import type { OperatorFlags } from '../flags.js';
import { quietFragment } from '../quiet.js';
import type { Operator } from './operator.js';
import { order, preview } from './orders.js';
import { eventView, jobView } from './views.js';

/** On the store of the configuration. An embedded one is attached to, or started where nobody has it open. */
export async function localOperator(flags: OperatorFlags): Promise<Operator> {
  const { fragment } = await quietFragment(flags);
  const { operations } = fragment;
  try {
    await fragment.open();
  } catch (error) {
    await fragment.stop();
    throw error;
  }
  return {
    async findJobs(where, page) {
      const { items, count, countIsCapped, nextCursor } = await operations.findJobs(where, page);
      return { jobs: items.map(jobView), count, countIsCapped, nextCursor };
    },
    preview: (kind, where) => preview(operations, kind, where),
    change: (kind, where, ratePerSecond) =>
      ratePerSecond === undefined
        ? operations[kind](where)
        : order(operations, { kind, where, ratePerSecond }),
    purge: (where, ratePerSecond) =>
      order(operations, { kind: 'purge', where, ...(ratePerSecond !== undefined && { ratePerSecond }) }),
    async *tail(where, signal) {
      for await (const event of operations.tail(where, signal)) yield eventView(event);
    },
    close: () => fragment.stop(),
  };
}
