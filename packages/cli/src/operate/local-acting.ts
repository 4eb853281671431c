import { isFragmentError, type BulkKind, type Operations, type Where } from '@fragment/core';
import { auditTextOf } from './filter.js';
import { found } from './local-seeing.js';
import type { Acting, Change, ChangeKind, Ordered } from './operator.js';
import { erasureView, laneView, orderView, sentView } from './oversight-views.js';

/** Who it was, for the audit and for orders. */
const ACTOR = 'cli';

/** What can be done, done on the store. It is noted in the audit under the names that the admin API uses. */
export function localActing(operations: Operations): Acting {
  const note = notingWith(operations);
  return {
    change: (kind, where, ratePerSecond) =>
      ratePerSecond === undefined
        ? changeNow(operations, note, kind, where)
        : orderWith(operations, note, { kind, where, ratePerSecond }),
    purge: (where, ratePerSecond) =>
      orderWith(operations, note, {
        kind: 'purge',
        where,
        ...(ratePerSecond !== undefined && { ratePerSecond }),
      }),
    cancelOrder: (id) =>
      note({ action: 'bulk.cancel', target: id }, async () =>
        orderView(found(await operations.cancelBulk(id), 'FRAGMENT_ADMIN_BULK_UNKNOWN')),
      ),
    pause: (destination, reason) =>
      note({ action: 'lane.pause', target: destination }, async () => {
        await operations.pause(destination, reason);
        return laneView(destination, await operations.lanes());
      }),
    resume: (destination) =>
      note({ action: 'lane.resume', target: destination }, async () => {
        await operations.resume(destination);
        return laneView(destination, await operations.lanes());
      }),
    check: (destination) =>
      note({ action: 'destination.check', target: destination }, async () => ({
        destination,
        result: await operations.check(destination),
      })),
    sendTest: (message, to) =>
      note(
        { action: 'event.test' },
        async () => sentView(await operations.sendTest(message, to)),
        (sent) => ({ target: sent.event_id }),
      ),
    // An audit that named whom it has forgotten would not have forgotten.
    erase: (id) =>
      note(
        { action: 'user.erase' },
        async () => erasureView(await operations.erase(id, { actor: ACTOR })),
        (receipt) => ({ target: `receipt ${receipt.id}`, count: receipt.events }),
      ),
  };
}

/** Gives an order that a scheduler carries out. */
const orderWith = (
  operations: Operations,
  note: Noting,
  o: { readonly kind: BulkKind; readonly where: Where; readonly ratePerSecond?: number },
): Promise<Ordered> =>
  note(
    { action: 'bulk.order', target: o.kind },
    async () => {
      const { id, total, totalIsCapped } = await operations.order({ ...o, actor: ACTOR });
      return { order: id, count: total, countIsCapped: totalIsCapped };
    },
    ({ order, count }) => ({ target: `${o.kind} ${order}`, count }),
  );

async function changeNow(
  operations: Operations,
  note: Noting,
  kind: ChangeKind,
  where: Where,
): Promise<Change> {
  const target = auditTextOf(where);
  if (kind !== 'replay')
    return note(
      { action: `job.${kind}`, target },
      () => operations[kind](where),
      ({ count }) => ({ count }),
    );
  return note(
    { action: 'event.replay', target },
    async () => {
      const { events, jobs } = await operations.replay(where);
      return { count: events, jobs };
    },
    ({ jobs }) => ({ count: jobs }),
  );
}

interface Noted {
  readonly target?: string;
  readonly count?: number;
}

type Noting = <T>(
  what: { readonly action: string; readonly target?: string },
  act: () => Promise<T>,
  learned?: (result: T) => Noted,
) => Promise<T>;

/** Whatever an act came to is in the audit, its failure too. */
const notingWith =
  (operations: Operations): Noting =>
  async (what, act, learned = () => ({})) => {
    try {
      const result = await act();
      await operations.note({ actor: ACTOR, ...what, outcome: 'ok', ...learned(result) });
      return result;
    } catch (error) {
      const outcome = isFragmentError(error) ? error.code : 'FRAGMENT_HTTP_INTERNAL';
      await operations.note({ actor: ACTOR, ...what, outcome });
      throw error;
    }
  };
