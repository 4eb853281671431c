import type { Store, UserRecord } from '@fragment/core';
import { withoutNul } from '../binding/arrays.js';
import { defined } from '../binding/defined.js';
import type { AdminDatabase } from './admin-database.js';
import { COUNT_CAP } from './paging.js';

const MAX_ANONYMOUS_IDS = 100;

interface UserRow {
  readonly user_id: string | null;
  readonly anonymous_ids: readonly string[];
  readonly events: number;
  readonly first_seen_at: Date | null;
  readonly last_seen_at: Date | null;
}

/**
 * Events of one id, as user id or as anonymous id: each branch reads its own index. `?` stands there twice for the id.
 * The newest are enough beyond the cap.
 */
const eventsOf = (events: string): string =>
  `(select * from (
      (select id, user_id, anonymous_id, received_at from ${events} where user_id = ? order by id desc limit ${COUNT_CAP + 1})
      union
      (select id, user_id, anonymous_id, received_at from ${events} where anonymous_id = ? order by id desc limit ${COUNT_CAP + 1})
    ) of_id order by id desc limit ${COUNT_CAP + 1})`;

/** Looks a user up by user id or anonymous id. */
export function usersOf(db: AdminDatabase, schema: string): Pick<Store, 'findUser'> {
  const events = `"${schema}"."events"`;
  return {
    async findUser(given): Promise<UserRecord | undefined> {
      const id = withoutNul(given);
      const [row] = await db.raw<UserRow>(
        `with theirs as materialized ${eventsOf(events)}
         select (select user_id from theirs where user_id is not null order by (user_id = ?) desc, id desc limit 1) as user_id,
           coalesce((select array_agg(anonymous_id) from (
             select distinct anonymous_id from theirs where anonymous_id is not null limit ${MAX_ANONYMOUS_IDS}
           ) a), '{}') as anonymous_ids,
           count(*)::integer as events, min(received_at) as first_seen_at, max(received_at) as last_seen_at
         from theirs`,
        [id, id, id],
      );
      if (!row || row.events === 0) return undefined;
      return defined<UserRecord>({
        userId: row.user_id,
        anonymousIds: [...row.anonymous_ids].sort(),
        events: Math.min(row.events, COUNT_CAP),
        eventsIsCapped: row.events > COUNT_CAP,
        firstSeenAt: row.first_seen_at,
        lastSeenAt: row.last_seen_at,
      });
    },
  };
}
