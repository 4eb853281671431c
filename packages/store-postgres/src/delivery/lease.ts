import type { JobRef, JsonValue, LeasedJob, LeaseRequest, Store } from '@fragment/core';
import { array, isUuid, label, smallint, uuid } from '../binding/arrays.js';
import { bounds, jobId, parseJobIds } from '../binding/ids.js';
import { toStoredEvent, type EventSelectionRow } from '../binding/stored-event.js';
import type { Database } from '../connection/database.js';
import type { Value } from '../connection/session.js';
import type { StoreSettings } from '../options.js';
import { leaseStatement } from './lease-statement.js';

interface LeasedRow extends EventSelectionRow {
  readonly seq: number;
  readonly action: string;
  readonly version: string | null;
  readonly data: string | null;
  readonly attempt: number;
  readonly excused: number;
  readonly depth: number;
  readonly parent_seq: number | null;
  readonly created_at: Date | null;
  readonly due_at: Date;
}

const NO_LIMIT_OF_LOSSES = 32_767;
const DEFAULT_ORDER_BLOCK_MS = 10 * 60_000;

function toLeasedJob(row: LeasedRow, destination: string, token: string): LeasedJob {
  const event = toStoredEvent(row);
  const id = jobId(row.event_id, row.seq);
  const job: Mutable<LeasedJob> = {
    id,
    token,
    attempt: row.attempt,
    countedAttempts: Math.max(0, row.attempt - 1 - row.excused),
    destination,
    action: row.action,
    event,
    idempotencyKey: `${event.messageId ?? event.id}:${id}`,
    depth: row.depth,
    createdAt: row.created_at ?? row.received_at,
    dueAt: row.due_at,
  };
  if (row.version !== null) job.version = row.version;
  if (row.data !== null) job.data = JSON.parse(row.data) as JsonValue;
  if (row.parent_seq !== null) job.parentJobId = jobId(row.event_id, row.parent_seq);
  return job;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** The place where a reference points; undefined where nothing can be. */
function placeOf(ref: JobRef): Value[] | undefined {
  if (!('ids' in ref)) return isUuid(ref.from) && isUuid(ref.to) ? [ref.from, ref.to] : undefined;
  const keys = parseJobIds(ref.ids);
  if (keys.length === 0) return undefined;
  const eventIds = keys.map((key) => key.eventId);
  return [
    ...bounds(eventIds),
    array(uuid, eventIds),
    array(
      smallint,
      keys.map((key) => key.seq),
    ),
  ];
}

export function leasing(db: Database, settings: StoreSettings): Pick<Store, 'lease' | 'renew'> {
  const statements = [
    leaseStatement(db, { list: false, ordered: false }),
    leaseStatement(db, { list: false, ordered: true }),
    leaseStatement(db, { list: true, ordered: false }),
    leaseStatement(db, { list: true, ordered: true }),
  ] as const;
  const pick = (list: boolean, ordered: boolean) =>
    list ? (ordered ? statements[3] : statements[2]) : ordered ? statements[1] : statements[0];

  const renewal = db.statement(
    'renew',
    `with held as (
      select token from ${db.table('leases')} where token = any($1::uuid[]) order by token for update
    ), renewed as (
      update ${db.table('leases')} l set until = now() + $2::float8 * interval '1 ms'
      from held where l.token = held.token
      returning l.token
    )
    select token from unnest($1::uuid[]) as asked(token) where token not in (select token from renewed)`,
  );

  return {
    async lease({
      ref,
      actions,
      limit,
      leaseMs,
      ordered = false,
      orderBlockMs = DEFAULT_ORDER_BLOCK_MS,
    }: LeaseRequest) {
      const place = placeOf(ref);
      if (place === undefined || limit < 1 || actions.length === 0) return [];
      const list = 'ids' in ref;
      const alone = list && ref.alone === true;
      const token = crypto.randomUUID();
      const rows = await db.run<LeasedRow>(pick(list, ordered), [
        ref.destination,
        array(label, actions),
        alone ? NO_LIMIT_OF_LOSSES : settings.poison.aloneAfter,
        alone ? 1 : Math.floor(limit),
        token,
        leaseMs,
        alone,
        settings.holder,
        ...place,
        ...(ordered ? [orderBlockMs] : []),
      ]);
      return rows.map((row) => toLeasedJob(row, ref.destination, token));
    },

    async renew(tokens, leaseMs) {
      const asked = tokens.filter(isUuid);
      const malformed = tokens.filter((token) => !isUuid(token));
      if (asked.length === 0) return malformed;
      const lost = await db.run<{ token: string }>(renewal, [array(uuid, asked), leaseMs]);
      return [...malformed, ...lost.map(({ token }) => token)];
    },
  };
}
