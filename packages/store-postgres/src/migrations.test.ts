import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { requiring, testPostgres, type TestPostgres } from '@fragment/testing';
import pg from 'pg';
import { codeOf, event, storesOf } from './store.fixture.js';

/** What pg's client has below its surface. */
interface DyingClient {
  readonly connection: { readonly stream: { destroy(): void } };
}

const describeWithPostgres = await requiring('postgres', describe);

describeWithPostgres('migrations', () => {
  let database: TestPostgres;
  const stores = storesOf(() => database);
  const { query } = stores;

  beforeAll(async () => {
    database = await testPostgres();
  });
  afterEach(stores.closeAll);
  afterAll(() => database.stop());

  /** Everything that makes up a schema, as text that is equal when the schemas are. */
  const checksum = async (schema: string): Promise<string> => {
    const columns = await query(
      'select table_name, column_name, data_type, is_nullable, column_default from information_schema.columns where table_schema = $1 order by 1, 2',
      [schema],
    );
    const indexes = await query(
      'select indexname, indexdef from pg_indexes where schemaname = $1 order by 1',
      [schema],
    );
    return JSON.stringify([columns, indexes]).replaceAll(schema, 'SCHEMA');
  };

  it('are listed before they ran, and their absence has a name', async () => {
    const store = stores.make({ schema: stores.schema() });
    expect(await store.migrations()).toEqual([
      { version: '0001', name: 'events and jobs' },
      { version: '0002', name: 'oversight' },
      { version: '0003', name: 'traces' },
      { version: '0004', name: 'reasons' },
      { version: '0005', name: 'runs and services' },
      { version: '0006', name: 'stirring' },
      { version: '0007', name: 'ingested' },
    ]);
    expect(await codeOf(() => store.append([event()]))).toBe('FRAGMENT_STORE_SCHEMA_MISSING');
    expect(await codeOf(() => store.findEvents({}, {}))).toBe('FRAGMENT_STORE_SCHEMA_MISSING');
    await store.ping();
    const applied = await store.migrate();
    expect(applied).toEqual([
      { version: '0001', name: 'events and jobs', appliedAt: expect.any(Date) as unknown },
      { version: '0002', name: 'oversight', appliedAt: expect.any(Date) as unknown },
      { version: '0003', name: 'traces', appliedAt: expect.any(Date) as unknown },
      { version: '0004', name: 'reasons', appliedAt: expect.any(Date) as unknown },
      { version: '0005', name: 'runs and services', appliedAt: expect.any(Date) as unknown },
      { version: '0006', name: 'stirring', appliedAt: expect.any(Date) as unknown },
      { version: '0007', name: 'ingested', appliedAt: expect.any(Date) as unknown },
    ]);
    expect(await store.migrate()).toEqual(applied);
    expect(await store.append([event()])).toEqual([{ outcome: 'stored' }]);
  });

  it('run once although two processes start them at the same time', async () => {
    const schema = stores.schema();
    const [first, second] = await Promise.all([1, 2, 3].map(() => stores.make({ schema }).migrate()));
    expect(first).toEqual(second);
    expect(await checksum(schema)).toBe(await checksum((await otherSchema()).schema));
  });

  const otherSchema = async (): Promise<{ schema: string }> => {
    const schema = stores.schema();
    await stores.make({ schema }).migrate();
    return { schema };
  };

  it('leave nothing behind when they die at any statement, and then run as if nothing had been', async () => {
    const expected = await checksum((await otherSchema()).schema);
    const schema = stores.schema();
    const { query: original } = pg.Client.prototype as unknown as {
      query: (this: DyingClient, ...args: unknown[]) => unknown;
    };
    let statements = 0;
    let dieAt = 0;
    const spy = jest.spyOn(pg.Client.prototype, 'query').mockImplementation(function (
      this: DyingClient,
      ...args: unknown[]
    ) {
      const result = original.apply(this, args);
      // The statement has left, and the process with its connection is gone.
      if (++statements === dieAt) this.connection.stream.destroy();
      return result;
    });
    try {
      for (dieAt = 1; ; dieAt++) {
        statements = 0;
        const code = await codeOf(() => stores.make({ schema }).migrate());
        if (code === undefined) break;
        expect(code).toBe('FRAGMENT_STORE_UNAVAILABLE');
      }
    } finally {
      spy.mockRestore();
    }
    expect(dieAt).toBeGreaterThan(20);
    expect(await checksum(schema)).toBe(expected);
    // Its runs grow with the square of the statements.
  }, 60_000);

  it('refuse a schema that a newer version has written', async () => {
    const schema = stores.schema();
    const store = await stores.migrated({ schema });
    await query(`insert into ${schema}.migrations (version, name) values ('9999', 'from the future')`);
    expect(await codeOf(() => store.migrate())).toBe('FRAGMENT_STORE_SCHEMA_NEWER');
  });
});
