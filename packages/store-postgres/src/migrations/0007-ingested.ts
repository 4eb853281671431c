import type { Migration } from './migration.js';

/**
 * When an event was stored, by the clock of the moment: a caller's transaction may have begun long before. A default that
 * comes with the column would be given to all rows there are; set afterwards it is for new ones, and no row is written.
 */
export const ingested: Migration = {
  version: '0007',
  name: 'ingested',
  async up(trx, table) {
    const events = table('events');
    await trx.raw(`alter table ${events} add column ingested_at timestamptz`);
    await trx.raw(`alter table ${events} alter column ingested_at set default clock_timestamp()`);
    await trx.raw(
      `comment on column ${events}.ingested_at is 'when it was stored; null: before this was kept'`,
    );
  },
};
