import assert from 'node:assert/strict';
import type { StoreContractCase } from '../case.js';
import { waitFor } from '../../wait/wait-for.js';
import { at, sceneOf, settle, succeeded } from '../scene.js';

const YEAR_MS = 365 * 86_400_000;
/** Keeps everything that the other cases made. */
const KEEP = { dedupMs: YEAR_MS, rejectionsMs: 10 * YEAR_MS, statisticsMs: 10 * YEAR_MS };
const longAgo = (): Date => new Date(Date.now() - 5 * YEAR_MS);

export const purgeCases: readonly StoreContractCase[] = [
  {
    name: 'purge deletes old events whose jobs are finished, never an unfinished job',
    async run({ store }) {
      const scene = sceneOf(store);
      const receivedAt = longAgo();
      const parent = scene.event({ receivedAt, parent: true, type: 'batch', jobs: [] });
      const [finished, waiting, running, young, jobless] = [
        scene.event({ receivedAt }),
        scene.event({
          receivedAt,
          parentEventId: parent.id,
          jobs: [scene.job(), scene.job({ seq: 1, action: 'page' })],
        }),
        scene.event({ receivedAt }),
        scene.event(),
        scene.event({ receivedAt, jobs: [] }),
      ];
      await scene.stored(parent, finished, waiting, running, young, jobless);
      const ref = (...events: readonly { id: string }[]) => ({
        destination: scene.destination,
        ids: events.map(({ id }) => `${id}.0`),
      });
      await settle(store, ...(await scene.lease({ ref: ref(finished, waiting, young) })).map(succeeded));
      const held = await scene.leaseOne({ ref: ref(running) });

      const purged = await store.purge({ ...KEEP, eventsMs: 4 * YEAR_MS });
      assert.equal(purged.events, 2);
      const there = async () =>
        (
          await Promise.all(
            [parent, finished, waiting, running, young, jobless].map(({ id }) => store.findEvent(id)),
          )
        ).map((event) => event !== undefined);
      assert.deepEqual(await there(), [true, false, true, true, true, false]);
      assert.equal(await store.findJob(`${finished.id}.0`), undefined);
      assert.deepEqual(await store.findTransitions(`${finished.id}.0`), []);

      await settle(store, succeeded(held), succeeded(await scene.leaseOne({ actions: ['page'] })));
      assert.equal(
        (await store.purge({ ...KEEP, eventsMs: 4 * YEAR_MS })).events,
        3,
        'a parent goes after its last item',
      );
      assert.deepEqual(await there(), [false, false, false, false, true, false]);
    },
  },
  {
    name: 'purge keeps events for ever when no age is given',
    async run({ store }) {
      const scene = sceneOf(store);
      const [event] = await scene.stored(scene.event({ receivedAt: longAgo(), jobs: [] }));
      assert.equal((await store.purge(KEEP)).events, 0);
      assert.ok(await store.findEvent(event?.id ?? ''));
      assert.equal((await store.purge({ ...KEEP, eventsMs: 4 * YEAR_MS })).events, 1);
    },
  },
  {
    name: 'purge does not delete a job that an operator retries at the same time',
    async run({ store }) {
      const scene = sceneOf(store);
      const events = await scene.stored(
        ...Array.from({ length: 60 }, () => scene.event({ receivedAt: longAgo() })),
      );
      const jobs = await scene.lease();
      const error = { code: 'VENDOR_REFUSED', message: 'refused' };
      await settle(
        store,
        ...jobs.map(({ id, token, attempt }) => ({
          id,
          token,
          attempt,
          outcome: 'discarded' as const,
          error,
        })),
      );
      const [retried] = await Promise.all([
        store.retry({ jobs: { destinationsIn: [scene.destination] } }, { limit: 100 }),
        store.purge({ ...KEEP, eventsMs: 4 * YEAR_MS }),
      ]);
      const waiting = await store.findJobs(
        { jobs: { destinationsIn: [scene.destination], statusIn: ['awaiting'] } },
        { limit: 500 },
      );
      assert.equal(waiting.count, retried.count, 'each retried job is there');
      const left = await store.findEvents({ events: { sourcesIn: [scene.source] } }, { limit: 500 });
      assert.equal(
        left.count,
        retried.count,
        `of ${events.length} events those are left that have work to do`,
      );
      await store.discard({ jobs: { destinationsIn: [scene.destination] } }, { limit: 500, error });
      await store.purge({ ...KEEP, eventsMs: 4 * YEAR_MS });
    },
  },
  {
    name: 'purge forgets old keys: the same messageId is new again',
    async run({ store }) {
      const scene = sceneOf(store);
      await scene.stored(scene.event({ messageId: 'same' }));
      await store.purge(KEEP);
      assert.equal(at(await store.append([scene.event({ messageId: 'same' })]), 0).outcome, 'duplicate');
      await waitFor(async () => (await store.purge({ ...KEEP, dedupMs: 1 })).keys > 0);
      assert.equal(at(await store.append([scene.event({ messageId: 'same' })]), 0).outcome, 'stored');
    },
  },
  {
    name: 'purge deletes old rejections',
    async run({ store }) {
      const { source } = sceneOf(store);
      const item = { source, trigger: 'http', code: 'X', message: 'x' };
      await store.reject([
        { ...item, receivedAt: new Date(Date.now() - 20 * YEAR_MS) },
        { ...item, receivedAt: new Date() },
      ]);
      assert.ok((await store.purge(KEEP)).rejections >= 1);
      const { items } = await store.findRejections({ limit: 500 });
      assert.equal(items.filter((rejection) => rejection.source === source).length, 1);
    },
  },
];
