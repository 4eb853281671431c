import type { JobRef, Logger, Settlement, SettleResult, Store } from '@fragment/core';
import { array, isUuid, uuid } from '../binding/arrays.js';
import { encode } from '../binding/columns.js';
import { jobId, parseJobId } from '../binding/ids.js';
import { STATUS } from '../binding/statuses.js';
import type { Database } from '../connection/database.js';
import type { Session, Value } from '../connection/session.js';
import { followingUp } from './followups.js';
import {
  settleStatement,
  settlementColumns,
  toSettlementRow,
  type SettleAnswerRow,
  type SettledRow,
  type SettlementRow,
} from './settle-statement.js';

const EVERY_ROW = 2 ** 31 - 1;

/** Those whose job or lease could exist, and the ids of the others. A job settled twice at once is settled by the first. */
function readable(settlements: readonly Settlement[]): { rows: SettlementRow[]; refused: string[] } {
  const rows = new Map<string, SettlementRow>();
  const refused: string[] = [];
  for (const settlement of settlements) {
    const key = parseJobId(settlement.id);
    if (key === undefined || !isUuid(settlement.token) || rows.has(settlement.id))
      refused.push(settlement.id);
    else rows.set(settlement.id, toSettlementRow(key, settlement));
  }
  return { rows: [...rows.values()], refused };
}

function bind(rows: readonly SettlementRow[], returnAllBelow: number): Value[] {
  const tokens = new Set(rows.map(({ settlement }) => settlement.token));
  return [...encode(settlementColumns, rows), array(uuid, [...tokens]), rows.length, returnAllBelow];
}

/** One list per destination and second in which they are due, dated by its last. */
function retriesOf(settled: readonly SettledRow[]): SettleResult['retries'] {
  const groups = new Map<string, { destination: string; ids: string[]; dueAt: Date }>();
  for (const row of settled) {
    if (row.status !== STATUS.failed && row.status !== STATUS.unknown) continue;
    const id = jobId(row.event_id, row.seq);
    const key = `${Math.floor(row.due_at.getTime() / 1000)} ${row.destination}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { destination: row.destination, ids: [id], dueAt: row.due_at });
    else {
      group.ids.push(id);
      if (row.due_at > group.dueAt) group.dueAt = row.due_at;
    }
  }
  return [...groups.values()];
}

interface Written {
  /** How many were settled. */
  readonly total: number;
  /** The jobs to be retried, or all that were settled. */
  readonly settled: readonly SettledRow[];
}

export function settling(db: Database, logger: Logger): Pick<Store, 'settle'> {
  const statement = settleStatement(db);
  const followups = followingUp(db, logger);

  const write = async (
    session: Session,
    rows: readonly SettlementRow[],
    returnAllBelow: number,
  ): Promise<Written> => {
    const answer = await session.run<SettleAnswerRow>(statement, bind(rows, returnAllBelow));
    return { total: answer[0]?.total ?? 0, settled: answer.filter((row) => row.event_id !== null) };
  };

  const writeWithFollowups = (
    rows: readonly SettlementRow[],
  ): Promise<Written & { readonly followups: readonly JobRef[] }> =>
    db.transaction(async (session) => {
      const written = await write(session, rows, EVERY_ROW);
      return { ...written, followups: await followups.insert(session, rows, written.settled) };
    });

  return {
    async settle(settlements) {
      const { rows, refused } = readable(settlements);
      if (rows.length === 0) return { refused, retries: [], followups: [] };
      const result = rows.some(({ settlement }) => (settlement.followups?.length ?? 0) > 0)
        ? await writeWithFollowups(rows)
        : { ...(await write(db, rows, rows.length)), followups: [] };
      if (result.total < rows.length) {
        const settled = new Set(result.settled.map((row) => jobId(row.event_id, row.seq)));
        refused.push(...rows.map(({ settlement }) => settlement.id).filter((id) => !settled.has(id)));
      }
      return { refused, retries: retriesOf(result.settled), followups: result.followups };
    },
  };
}
