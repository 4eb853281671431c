import { isFragmentError, newId, type ErrorCode, type PlannedEvent, type Store } from '@fragment/core';
import pg from 'pg';
import { postgresStore, type PostgresStoreOptions } from './index.js';

/** A sound event with one job. */
export const event = (fields: Partial<PlannedEvent> = {}): PlannedEvent => {
  const now = new Date();
  const jobs = [{ seq: 0, destination: 'webhook', action: 'track' }];
  return {
    id: newId(),
    source: 'rest',
    trigger: 'http',
    timestamp: now,
    receivedAt: now,
    data: '{}',
    jobs,
    ...fields,
  };
};

/** The code that `work` fails with; undefined when it does not. */
export const codeOf = async (work: () => Promise<unknown>): Promise<ErrorCode | undefined> => {
  try {
    await work();
  } catch (error) {
    if (isFragmentError(error)) return error.code;
    throw error;
  }
  return undefined;
};

/** An own schema in the file's database for each store, and every store closed at the end of its test. */
export function storesOf(database: () => { readonly url: string }) {
  const open: Store[] = [];
  let schemas = 0;
  return {
    schema: () => `test_${++schemas}`,
    make(options: Partial<PostgresStoreOptions> = {}): Store {
      const store = postgresStore({ connection: database().url, ...options });
      open.push(store);
      return store;
    },
    async migrated(options: Partial<PostgresStoreOptions> = {}): Promise<Store> {
      const store = this.make({ schema: this.schema(), ...options });
      await store.migrate();
      return store;
    },
    closeAll: async (): Promise<void> => {
      await Promise.all(open.splice(0).map((store) => store.close()));
    },
    /** Runs one statement beside the stores. */
    query: async <Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> => {
      const client = new pg.Client({ connectionString: database().url });
      await client.connect();
      try {
        return (await client.query<Row>(text, values)).rows;
      } finally {
        await client.end();
      }
    },
  };
}
