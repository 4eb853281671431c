import { afterAll, beforeAll, it } from '@jest/globals';
import type { Store } from '@fragment/core';
import { requiring, storeContract, testPostgres, type TestPostgres } from '@fragment/testing';
import { describe } from '@jest/globals';
import { postgresStore } from './index.js';

const describeWithPostgres = await requiring('postgres', describe);

describeWithPostgres('the store on Postgres keeps every promise of the contract', () => {
  let database: TestPostgres;
  let store: Store;
  const newStore = (): Promise<Store> => Promise.resolve(postgresStore({ connection: database.url }));

  beforeAll(async () => {
    database = await testPostgres();
    store = await newStore();
    await store.migrate();
  });
  afterAll(async () => {
    await store.close();
    await database.stop();
  });

  for (const { name, run } of storeContract) {
    it(name, () => run({ store, newStore, unstorable: (event) => ({ ...event, data: `${event.data}\0` }) }));
  }
});
