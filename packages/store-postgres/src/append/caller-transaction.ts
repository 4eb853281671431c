import { FragmentError, type Logger } from '@fragment/core';
import type { ClientBase } from 'pg';
import type { Database } from '../connection/database.js';
import { sqlState } from '../connection/failures.js';
import { sessionOn, type Session, type TransactionSession } from '../connection/session.js';

/** A transaction of the caller that was found to be on the store's own database. */
export interface CallerTransaction {
  /** Runs inside a savepoint, each statement under the store's deadline instead of the caller's. */
  withDeadline(work: (session: TransactionSession) => Promise<void>): Promise<void>;
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

interface Fingerprint {
  readonly oid: number;
  readonly started: string;
}

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
  // Server and database in one: no two running servers share the moment of their start and a database's number.
  const identity = db.statement(
    'identity',
    'select oid::integer as oid, pg_postmaster_start_time()::text as started from pg_database where datname = current_database()',
  );
  const found = db.statement('append_found', `select 1 from ${db.table('events')} where id = $1`);
  const getTimeout = db.statement('get_timeout', "select current_setting('statement_timeout') as value");
  const setTimeoutTo = db.statement('set_timeout', "select set_config('statement_timeout', $1, true)");
  const known = new WeakSet<ClientBase>();
  let own: Promise<Fingerprint | undefined> | undefined;

  const fingerprint = async (session: Session): Promise<Fingerprint | undefined> =>
    (await session.run<Fingerprint>(identity, []))[0];

  const ownFingerprint = (): Promise<Fingerprint | undefined> => {
    own ??= fingerprint(db).catch((error: unknown) => {
      own = undefined;
      throw error;
    });
    return own;
  };

  const same = (a: Fingerprint | undefined, b: Fingerprint | undefined): boolean =>
    a?.oid === b?.oid && a?.started === b?.started;

  async function verify(client: ClientBase, session: Session): Promise<void> {
    if (known.has(client)) return;
    const theirs = await fingerprint(session);
    if (!same(theirs, await ownFingerprint())) {
      // Our own server may have been restarted since we asked.
      own = undefined;
      if (!same(theirs, await ownFingerprint())) throw foreign('It is connected to another database.');
    }
    known.add(client);
  }

  const watch = async (
    transaction: KnexTransaction,
    eventId: string,
    committed: () => void,
  ): Promise<void> => {
    // knex reports a rollback by hand as success too: only the event itself tells.
    await outermost(transaction).executionPromise;
    const rows = await db.run(found, [eventId]);
    if (rows.length > 0) committed();
  };

  return {
    async join(transaction) {
      const client = await connectionOf(transaction);
      const session = sessionOn(client, { named: false });
      return {
        async withDeadline(work) {
          try {
            await session.savepoint(async () => {
              await verify(client, session);
              const [before] = await session.run<{ value: string }>(getTimeout, []);
              await session.run(setTimeoutTo, [String(o.timeoutMs)]);
              await work(session);
              await session.run(setTimeoutTo, [before?.value ?? '0']);
            });
          } catch (error) {
            if (sqlState(error) === '25P01') throw foreign('The pg client is not inside a transaction.');
            throw error;
          }
        },
        whenCommitted(eventId, committed) {
          if (!isKnexTransaction(transaction)) return;
          watch(transaction, eventId, committed).catch((error: unknown) => {
            o.logger.debug(
              { reason: error instanceof Error ? error.message : String(error) },
              'the caller rolled back, or its commit could not be seen',
            );
          });
        },
      };
    },
  };
}
