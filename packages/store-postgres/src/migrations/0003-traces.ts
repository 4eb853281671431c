import type { Migration } from './migration.js';

/** A null costs a row nothing. */
export const traces: Migration = {
  version: '0003',
  name: 'traces',
  async up(trx, table) {
    await trx.raw(`alter table ${table('events')} add column traceparent text`);
  },
};
