import type { JobRef, Logger } from '@fragment/core';
import { array, smallint, uuid } from '../binding/arrays.js';
import { registeredError } from '../binding/errors.js';
import { bounds, jobId, type JobKey } from '../binding/ids.js';
import { STATUS } from '../binding/statuses.js';
import type { Database } from '../connection/database.js';
import type { TransactionSession } from '../connection/session.js';
import { addingJobs, type NewJob } from './new-jobs.js';
import type { SettledRow, SettlementRow } from './settle-statement.js';

const DEEPEST = 8;

/** What these settlements bring about: nothing where they were refused, and where a failure is not the job's first. */
function wanted(
  rows: readonly SettlementRow[],
  settled: readonly SettledRow[],
): { jobs: NewJob[]; tooDeep: JobKey[] } {
  const byId = new Map(settled.map((row) => [jobId(row.event_id, row.seq), row]));
  const jobs: NewJob[] = [];
  const tooDeep: JobKey[] = [];
  for (const { settlement, key } of rows) {
    const parent = byId.get(jobId(key.eventId, key.seq));
    const followups = settlement.followups ?? [];
    if (parent === undefined || followups.length === 0) continue;
    if ((parent.status === STATUS.failed || parent.status === STATUS.unknown) && !parent.first_failure)
      continue;
    if (parent.depth >= DEEPEST) {
      tooDeep.push(key);
      continue;
    }
    for (const { destination = parent.destination, action, data } of followups) {
      jobs.push({
        eventId: key.eventId,
        parentSeq: key.seq,
        depth: parent.depth + 1,
        // It belongs to the same user, and so into the same order.
        job: { destination, action, ...(data === undefined ? {} : { data }), ...orderOf(parent) },
      });
    }
  }
  return { jobs, tooDeep };
}

export function followingUp(db: Database, logger: Logger) {
  const addJobs = addingJobs(db);
  const noteTooDeep = db.statement(
    'followup_too_deep',
    `update ${db.table('jobs')} j set last_error = coalesce(j.last_error, $5)
     from unnest($1::uuid[], $2::smallint[]) as t(event_id, seq)
     where j.event_id = t.event_id and j.seq = t.seq and j.event_id between $3::uuid and $4::uuid`,
  );

  return {
    async insert(
      session: TransactionSession,
      rows: readonly SettlementRow[],
      settled: readonly SettledRow[],
    ): Promise<readonly JobRef[]> {
      const { jobs, tooDeep } = wanted(rows, settled);
      if (tooDeep.length > 0) {
        logger.error(
          {
            code: 'FRAGMENT_FOLLOWUP_TOO_DEEP',
            jobs: tooDeep.map(({ eventId, seq }) => jobId(eventId, seq)),
          },
          'follow-ups were left out: they would be the ninth in a row',
        );
        const eventIds = tooDeep.map(({ eventId }) => eventId);
        await session.run(noteTooDeep, [
          array(uuid, eventIds),
          array(
            smallint,
            tooDeep.map(({ seq }) => seq),
          ),
          ...bounds(eventIds),
          registeredError('FRAGMENT_FOLLOWUP_TOO_DEEP'),
        ]);
      }
      return addJobs(session, jobs);
    },
  };
}

const orderOf = ({ order_key }: SettledRow): { orderKey?: bigint } =>
  order_key === null ? {} : { orderKey: BigInt(order_key) };
