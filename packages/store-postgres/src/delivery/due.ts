import type { JobRef, Store } from '@fragment/core';
import { refsByDestination } from '../binding/ids.js';
import { WAITING } from '../binding/statuses.js';
import type { Database } from '../connection/database.js';
import type { StoreSettings } from '../options.js';

const DEFAULT_LIST_SIZE = 500;

interface DueRow {
  readonly event_id: string;
  readonly seq: number;
  readonly destination: string;
  readonly lost: number;
}

function lists(rows: readonly DueRow[], size: number, o: { readonly alone: boolean }): JobRef[] {
  const refs: JobRef[] = [];
  for (let i = 0; i < rows.length; i += size) refs.push(...refsByDestination(rows.slice(i, i + size), o));
  return refs;
}

/** What the queue may not know of: it is a cache of what stands here. */
export function dueJobs(db: Database, { poison }: StoreSettings): Pick<Store, 'due' | 'destinations'> {
  const due = db.statement(
    'due',
    `select event_id, seq, destination, lost from ${db.table('jobs')}
     where destination = $1 and finished_at is null and status in ${WAITING} and due_at <= now()
     order by due_at limit $2::integer`,
  );
  // From one destination to the next along the index: the backlog of each is skipped, not read.
  const unfinished = db.statement(
    'destinations',
    `with recursive found as (
      (select destination from ${db.table('jobs')} where finished_at is null order by destination limit 1)
      union all
      select (
        select j.destination from ${db.table('jobs')} j
        where j.finished_at is null and j.destination > f.destination order by j.destination limit 1
      ) from found f where f.destination is not null
    )
    select destination from found where destination is not null`,
  );

  return {
    async due({ destination, limit, listSize = DEFAULT_LIST_SIZE }) {
      const rows = await db.run<DueRow>(due, [destination, Math.floor(limit)]);
      const size = Math.max(1, Math.floor(listSize));
      const alone = (row: DueRow): boolean => row.lost >= poison.aloneAfter;
      return [
        ...lists(
          rows.filter((row) => !alone(row)),
          size,
          { alone: false },
        ),
        ...lists(rows.filter(alone), size, { alone: true }),
      ];
    },
    async destinations() {
      const rows = await db.run<{ destination: string }>(unfinished, []);
      return rows.map((row) => row.destination);
    },
  };
}
