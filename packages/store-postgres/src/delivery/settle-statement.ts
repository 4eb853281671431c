import type { Settlement } from '@fragment/core';
import { float, integer, smallint, text, uuid } from '../binding/arrays.js';
import { column, unnest } from '../binding/columns.js';
import { errorColumns, exchangeColumns, type ExchangeColumns } from '../binding/errors.js';
import type { JobKey } from '../binding/ids.js';
import { STATUS } from '../binding/statuses.js';
import type { Database } from '../connection/database.js';
import type { Statement } from '../connection/session.js';

/** A settlement on its way to the tables. */
export interface SettlementRow {
  readonly key: JobKey;
  readonly settlement: Settlement;
  /** Why it did not succeed. */
  readonly error: string | undefined;
  /** What went over the wire, where it is kept. */
  readonly wire: ExchangeColumns | undefined;
}

const LONGEST_WAIT_MS = 10 * 365 * 86_400_000;

export function toSettlementRow(key: JobKey, settlement: Settlement): SettlementRow {
  if (settlement.outcome === 'succeeded') {
    const wire = settlement.exchange && exchangeColumns(settlement.exchange);
    return { key, settlement, error: undefined, wire };
  }
  const { error, ...wire } = errorColumns(settlement.error);
  return { key, settlement, error, wire };
}

const retryInMs = ({ settlement }: SettlementRow): number =>
  'retryInMs' in settlement ? Math.min(Math.max(settlement.retryInMs, 0) || 0, LONGEST_WAIT_MS) : 0;

const excused = ({ settlement }: SettlementRow): number =>
  'countsAsAttempt' in settlement && !settlement.countsAsAttempt ? 1 : 0;

export const settlementColumns = [
  column('event_id', uuid, ({ key }: SettlementRow) => key.eventId),
  column('seq', smallint, ({ key }: SettlementRow) => key.seq),
  column('token', uuid, ({ settlement }: SettlementRow) => settlement.token),
  column('status', smallint, ({ settlement }: SettlementRow) => STATUS[settlement.outcome]),
  column('retry_ms', float, retryInMs),
  column('excused', integer, excused),
  column('error', text, ({ error }: SettlementRow) => error),
  column('http_status', smallint, ({ wire }: SettlementRow) => wire?.httpStatus),
  column('request', text, ({ wire }: SettlementRow) => wire?.request),
  column('response', text, ({ wire }: SettlementRow) => wire?.response),
];

/** A job that was settled. */
export interface SettledRow {
  readonly event_id: string;
  readonly seq: number;
  readonly destination: string;
  readonly status: number;
  readonly due_at: Date;
  readonly depth: number;
  readonly order_key: string | null;
  readonly first_failure: boolean;
}

/** What the statement returns: how many jobs it settled, with one of them, or with none where none needs to be told. */
export type SettleAnswerRow = { readonly total: number } & (SettledRow | { readonly event_id: null });

/** The parameters after the columns: tokens, how many rows these are, and below how many settled ones all are returned. */
const AFTER = settlementColumns.length + 1;

/**
 * The lease is locked before its jobs, as the sweeper does it: a settlement and the end of its lease happen one after
 * the other. The limit cuts nothing off: without it the planner may compare every job there is with every row that is
 * given, since it does not know how many these are. Jobs that succeed or are discarded are only returned when the caller must find out which were refused.
 * An attempt that succeeded has a row only where it has something to keep: the job's own row tells the rest.
 */
export function settleStatement(db: Database): Statement {
  return db.statement(
    'settle',
    `with held as (
      select token from ${db.table('leases')} where token = any($${AFTER}::uuid[]) order by token for update
    ), given as (
      select s.* from held join ${unnest('s', settlementColumns, 1)} on s.token = held.token limit $${AFTER + 1}::integer
    ), done as (
      update ${db.table('jobs')} j set
        status = s.status,
        due_at = case when s.status in (${STATUS.failed}, ${STATUS.unknown}) then now() + s.retry_ms * interval '1 ms' else j.due_at end,
        failed_at = case when s.status in (${STATUS.failed}, ${STATUS.unknown}) then coalesce(j.failed_at, now()) else j.failed_at end,
        finished_at = case when s.status in (${STATUS.succeeded}, ${STATUS.discarded}) then now() end,
        excused = j.excused + s.excused,
        last_error = s.error
      from given s
      where j.event_id = s.event_id and j.seq = s.seq and j.lease_token = s.token and j.status = ${STATUS.executing}
      returning j.event_id, j.seq, j.destination, j.attempt, j.status, j.due_at, j.started_at, j.depth, j.order_key,
        j.failed_at = now() as first_failure, s.token, s.error, s.http_status, s.request, s.response
    ), history as (
      insert into ${db.table('attempts')}
        (event_id, seq, attempt, state, started_at, ended_at, error, http_status, request, response, scheduler)
      select d.event_id, d.seq, d.attempt, d.status, d.started_at, now(), d.error, d.http_status, d.request, d.response, l.holder
      from done d join ${db.table('leases')} l on l.token = d.token
      where d.status <> ${STATUS.succeeded} or num_nonnulls(d.http_status, d.request, d.response) > 0
    ), ended as (
      select token, count(*) as jobs from done group by token
    ), closed as (
      delete from ${db.table('leases')} l using ended where l.token = ended.token and l.open <= ended.jobs
    ), shortened as (
      update ${db.table('leases')} l set open = l.open - ended.jobs from ended where l.token = ended.token and l.open > ended.jobs
    )
    select c.total, d.event_id, d.seq, d.destination, d.status, d.due_at, d.depth, d.order_key, d.first_failure
    from (select count(*)::integer as total from done) c
    left join done d on d.status in (${STATUS.failed}, ${STATUS.unknown}) or c.total < $${AFTER + 2}::integer`,
  );
}
