import assert from 'node:assert/strict';
import type { StoreContractCase } from '../case.js';
import { at, sceneOf } from '../scene.js';

export const rejectCases: readonly StoreContractCase[] = [
  {
    name: 'reject keeps what was refused, newest first',
    async run({ store }) {
      const { source } = sceneOf(store);
      const receivedAt = new Date('2026-04-01T00:00:00.250Z');
      const whole = {
        source,
        trigger: 'http',
        receivedAt,
        index: 3,
        messageId: 'm\0',
        type: 'track',
        code: 'FRAGMENT_INGEST_INVALID',
        message: 'Bad Request',
        validations: [{ message: 'must be text', path: ['userId'], field: 'batch[3].userId' }],
        data: '{"userId":5}',
      };
      const bare = {
        source,
        trigger: 'http',
        receivedAt,
        code: 'FRAGMENT_INGEST_BODY_NOT_JSON',
        message: 'Bad Request',
        data: 'x'.repeat(100_000),
      };
      await store.reject([whole, bare]);
      await store.reject([]);
      const { items } = await store.findRejections({ limit: 2 });
      const [last, first] = [at(items, 0), at(items, 1)];
      const { id, ...kept } = first;
      assert.ok(id.length > 0);
      assert.deepEqual(kept, { ...whole, messageId: 'm\uFFFD' });
      assert.ok((last.data?.length ?? 0) < 100_000 && last.data?.startsWith('xxx'), 'data is cut');
      const page = await store.findRejections({ limit: 1 });
      assert.ok(page.nextCursor);
      assert.equal(at((await store.findRejections({ limit: 1, cursor: page.nextCursor })).items, 0).id, id);
    },
  },
];
