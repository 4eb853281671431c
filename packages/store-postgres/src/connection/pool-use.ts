import type { PoolUse } from '@fragment/core';
import type { Knex } from 'knex';
import type { Pool } from 'pg';

/** What knex pools connections with. */
interface KnexPool {
  numUsed(): number;
  numFree(): number;
  numPendingAcquires(): number;
}

/** The pool of events and jobs, and that of lists and operators. */
export function poolUse(
  hot: Pool,
  admin: Knex,
  sizes: { readonly adminPoolSize: number },
): readonly PoolUse[] {
  const { pool } = admin.client as { readonly pool: KnexPool };
  return [
    {
      name: 'hot',
      size: hot.options.max,
      used: hot.totalCount - hot.idleCount,
      idle: hot.idleCount,
      waiting: hot.waitingCount,
    },
    {
      name: 'admin',
      size: sizes.adminPoolSize,
      used: pool.numUsed(),
      idle: pool.numFree(),
      waiting: pool.numPendingAcquires(),
    },
  ];
}
