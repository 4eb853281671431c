import { isFragmentError, type Logger } from '@fragment/core';
import type { Pool, PoolClient } from 'pg';
import { repeatOnConflict, sqlState, toFragmentError } from './failures.js';
import { sessionOn, type Session, type Statement, type TransactionSession, type Value } from './session.js';

/** The hot path's connections. A statement or transaction that loses against another one is repeated once. */
export interface Database extends Session {
  readonly schema: string;
  /** The quoted name of one of the store's tables. */
  table(name: string): string;
  /** A prepared statement of this schema. */
  statement(name: string, text: string): Statement;
  transaction<T>(work: (session: TransactionSession) => Promise<T>): Promise<T>;
}

/** The answer is missing, or the server said goodbye: nothing can be known of this connection any more. */
function isConnectionLost(error: unknown): boolean {
  if (!isFragmentError(error, 'FRAGMENT_STORE_UNAVAILABLE')) return false;
  const state = sqlState(error);
  return state === undefined || state.startsWith('08') || state.startsWith('57P') || state === '25P03';
}

async function inTransaction<T>(
  client: PoolClient,
  work: (session: TransactionSession) => Promise<T>,
): Promise<T> {
  try {
    await client.query('begin');
    const result = await work(sessionOn(client, { named: true }));
    await client.query('commit');
    return result;
  } catch (failure) {
    const error = toFragmentError(failure);
    if (!isConnectionLost(error)) await client.query('rollback');
    throw error;
  }
}

export function databaseOn(pool: Pool, schema: string, logger: Logger): Database {
  /** A connection whose last answer is missing must never be used again: the answer might still come. */
  const withClient = async <T>(use: (client: PoolClient) => Promise<T>): Promise<T> => {
    let client: PoolClient;
    try {
      client = await pool.connect();
    } catch (error) {
      throw toFragmentError(error);
    }
    let lost = false;
    // Without a listener the loss of a busy connection would end the process.
    const onError = (error: Error): void => {
      lost = true;
      logger.warn({ reason: error.message }, 'a database connection was lost');
    };
    client.on('error', onError);
    try {
      return await use(client);
    } catch (failure) {
      const error = toFragmentError(failure);
      lost ||= isConnectionLost(error);
      throw error;
    } finally {
      // Kept on a lost one: it may report once more while it is thrown away.
      if (!lost) client.off('error', onError);
      client.release(lost);
    }
  };

  return {
    schema,
    table: (name) => `"${schema}"."${name}"`,
    statement: (name, text) => ({ name: `${schema}_${name}`, text }),
    run: <Row extends object>(statement: Statement, values: readonly Value[]) =>
      repeatOnConflict(() =>
        withClient((client) => sessionOn(client, { named: true }).run<Row>(statement, values)),
      ),
    transaction: (work) => repeatOnConflict(() => withClient((client) => inTransaction(client, work))),
  };
}
