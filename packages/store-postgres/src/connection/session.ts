import type { ClientBase } from 'pg';
import { toFragmentError } from './failures.js';

export type Value = Buffer | string | number | boolean | null;

/** A prepared statement: the same name always stands for the same text. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** Runs statements on whatever holds the connection. Errors are FragmentErrors with PostgreSQL's own as their cause. */
export interface Session {
  run<Row extends object>(statement: Statement, values: readonly Value[]): Promise<Row[]>;
}

/** A session inside a transaction. */
export interface TransactionSession extends Session {
  /** All of it or nothing of it; the transaction goes on either way. */
  savepoint<T>(work: () => Promise<T>): Promise<T>;
}

/** `named`: false on connections that are not ours, where our names could collide. */
export function sessionOn(client: ClientBase, o: { readonly named: boolean }): TransactionSession {
  let savepoints = 0;
  const command = async (sql: string): Promise<void> => {
    try {
      await client.query(sql);
    } catch (error) {
      throw toFragmentError(error);
    }
  };
  return {
    async run<Row extends object>(statement: Statement, values: readonly Value[]): Promise<Row[]> {
      const { name, text } = statement;
      try {
        const result = await client.query<Row>(
          o.named ? { name, text, values: [...values] } : { text, values: [...values] },
        );
        return result.rows;
      } catch (error) {
        throw toFragmentError(error);
      }
    },
    async savepoint(work) {
      const name = `fragment_${++savepoints}`;
      await command(`savepoint ${name}`);
      try {
        const result = await work();
        await command(`release savepoint ${name}`);
        return result;
      } catch (error) {
        await command(`rollback to savepoint ${name}`);
        await command(`release savepoint ${name}`);
        throw error;
      }
    },
  };
}
