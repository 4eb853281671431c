import { FragmentError, type Logger } from '@fragment/core';
import type { ClientBase } from 'pg';
import type { Database } from '../connection/database.js';
import { sqlState } from '../connection/failures.js';
import { sessionOn, type TransactionSession } from '../connection/session.js';
import { databaseIdentity } from './database-identity.js';

/** A savepoint outside of a transaction. */
const NO_TRANSACTION = '25P01';

/** A transaction of the caller that was found to be on the store's own database. */
export interface CallerTransaction {
  /** Runs inside a savepoint, each statement under the store's deadline instead of the caller's. */
  withDeadline<T>(work: (session: TransactionSession) => Promise<T>): Promise<T>;
  /** Calls `committed` once the transaction has ended and the event is there; never for a pg client, which tells no end. */
  whenCommitted(eventId: string, committed: () => void): void;
}

export interface CallerTransactions {
  /** @throws {FragmentError} FRAGMENT_TRANSACTION_FOREIGN. */
  join(transaction: unknown): Promise<CallerTransaction>;
}

/** What we need of a knex transaction; structural, since the caller may have another copy of knex. */
interface KnexTransaction {
  readonly isTransaction: true;
  readonly client: { acquireConnection(): Promise<ClientBase> };
  readonly executionPromise: Promise<unknown>;
  /** Of a nested one. */
  readonly parentTransaction?: KnexTransaction;
  isCompleted(): boolean;
}

const isKnexTransaction = (value: unknown): value is KnexTransaction =>
  typeof value === 'function' &&
  'isTransaction' in value &&
  value.isTransaction === true &&
  'executionPromise' in value;

const isPgClient = (value: unknown): value is ClientBase =>
  typeof value === 'object' &&
  value !== null &&
  'query' in value &&
  typeof value.query === 'function' &&
  !('totalCount' in value);

const foreign = (detail: string): FragmentError =>
  new FragmentError('FRAGMENT_TRANSACTION_FOREIGN', { detail });

const outermost = (transaction: KnexTransaction): KnexTransaction =>
  transaction.parentTransaction === undefined ? transaction : outermost(transaction.parentTransaction);

async function connectionOf(transaction: unknown): Promise<ClientBase> {
  if (isKnexTransaction(transaction)) {
    if (transaction.isCompleted()) throw foreign('The knex transaction has already ended.');
    return transaction.client.acquireConnection();
  }
  if (isPgClient(transaction)) return transaction;
  throw foreign('It is neither a knex transaction nor a pg client.');
}

export function callerTransactions(
  db: Database,
  o: { timeoutMs: number; logger: Logger },
): CallerTransactions {
  const isOwn = databaseIdentity(db);
  const found = db.statement('append_found', `select 1 from ${db.table('events')} where id = $1`);
  const timeout = db.statement('get_timeout', "select current_setting('statement_timeout') as value");
  const setTimeoutTo = db.statement('set_timeout', "select set_config('statement_timeout', $1, true)");

  const watch = async (
    transaction: KnexTransaction,
    eventId: string,
    committed: () => void,
  ): Promise<void> => {
    try {
      // knex reports a rollback by hand as success too: only the event itself tells.
      await outermost(transaction).executionPromise;
      if ((await db.run(found, [eventId])).length > 0) committed();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      o.logger.debug({ reason }, 'the caller rolled back, or its commit could not be seen');
    }
  };

  return {
    async join(transaction) {
      const client = await connectionOf(transaction);
      const session = sessionOn(client, { named: false });
      const underDeadline = async <T>(work: (session: TransactionSession) => Promise<T>): Promise<T> => {
        if (!(await isOwn(client, session))) throw foreign('It is connected to another database.');
        const [before] = await session.run<{ value: string }>(timeout, []);
        await session.run(setTimeoutTo, [String(o.timeoutMs)]);
        const result = await work(session);
        await session.run(setTimeoutTo, [before?.value ?? '0']);
        return result;
      };
      return {
        async withDeadline(work) {
          try {
            return await session.savepoint(() => underDeadline(work));
          } catch (error) {
            if (sqlState(error) === NO_TRANSACTION)
              throw foreign('The pg client is not inside a transaction.');
            throw error;
          }
        },
        whenCommitted(eventId, committed) {
          if (isKnexTransaction(transaction)) void watch(transaction, eventId, committed);
        },
      };
    },
  };
}
