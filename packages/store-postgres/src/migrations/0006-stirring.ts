import type { Migration } from './migration.js';

/**
 * What has just happened to events of any age, for whoever watches. Few jobs are ever retried, replayed or follow another
 * one, so these trees stay small and neither an append nor a lease touches them. Attempts are only ever added, in the
 * order of their ends: block ranges are enough, and cost a delivery nothing.
 */
export const stirring: Migration = {
  version: '0006',
  name: 'stirring',
  async up(trx, table) {
    const statements = [
      `create index jobs_renewed on ${table('jobs')} (renewed_at) where renewed_at is not null`,
      `create index jobs_created on ${table('jobs')} (created_at) where created_at is not null`,
      `create index attempts_ended on ${table('attempts')} using brin (ended_at)
        with (pages_per_range = 32, autosummarize = on)`,
    ];
    for (const statement of statements) await trx.raw(statement);
  },
};
