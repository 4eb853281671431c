import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testPostgres, waitFor, type TestPostgres } from '@fragment/testing';
import { askAdmin, dumpTables } from './admin-client.js';
import { hostileStrings } from './hostile-strings.js';
import { failure, recorder } from './recorder.js';
import { openWorld, type World } from './world.js';

/** S25 and S27 of docs/security.md: what a stranger's text in a parameter can do. */

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}
interface Operation {
  readonly parameters: readonly {
    readonly name: string;
    readonly in: 'path' | 'query';
    readonly schema: Schema;
  }[];
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: Schema } } };
}
interface Endpoint extends Operation {
  readonly method: string;
  readonly path: string;
}
interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

let database: TestPostgres;
let world: World;
let endpoints: readonly Endpoint[];
let known: Readonly<Record<string, string>>;

beforeAll(async () => {
  database = await testPostgres();
  const refuses = () => ({ outcome: 'discarded', error: failure }) as const;
  world = await openWorld({
    database,
    destinations: [recorder('crm', { answer: refuses }).destination],
    // What is planted here is asked for, not delivered.
    execution: { sweepMs: 3_600_000 },
  });
  for (const n of [1, 2, 3])
    await world.post('/v1/track', { userId: `user-${n}`, event: 'Order', messageId: `m-${n}` });
  const [job] = await world.ended(3);
  await world.post('/v1/track', '{');
  await waitFor(async () => (await world.ops.findRejections()).count === 1);
  const bulk = await world.ops.order({
    kind: 'retry',
    where: { events: { userId: 'nobody' } },
    actor: 'test',
  });
  await waitFor(async () => (await world.ops.findBulk(bulk.id))?.state === 'done');
  known = {
    source_name: 'rest',
    trigger_name: 'track',
    destination_name: 'crm',
    action_name: 'track',
    event_id: job!.eventId,
    job_id: job!.id,
    bulk_id: bulk.id,
    user_id: 'user-1',
    migration_id: '0001',
  };
  endpoints = await describedEndpoints();
}, 60_000);

afterAll(async () => {
  await world.stop();
  await database.stop();
});

async function describedEndpoints(): Promise<readonly Endpoint[]> {
  const response = await fetch(`${world.scheduler}/admin/api/openapi.json`);
  const { paths } = (await response.json()) as Description;
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      ...operation,
      path: path.replace('/admin/api', ''),
      method: method.toUpperCase(),
    })),
  );
}

/** With every parameter of the path as it is known, but those that are given. */
const pathOf = ({ path }: Endpoint, given: Readonly<Record<string, string>> = {}): string =>
  path.replace(/\{(\w+)\}/g, (_, name: string) => given[name] ?? encodeURIComponent(known[name] ?? name));

/** Half of a pair cannot be sent in UTF-8. */
const encoded = (text: string): string => encodeURIComponent(Buffer.from(text).toString());

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}
interface Told {
  readonly asked: Asked;
  readonly status: number;
  readonly text: string;
}

/** A few at a time, of exports no more than there may be. A stream is left as soon as it has begun. */
async function askAll(all: readonly Asked[]): Promise<readonly Told[]> {
  const told: Told[] = [];
  const rest = [...all];
  const one = async (): Promise<void> => {
    for (let asked = rest.pop(); asked; asked = rest.pop()) {
      const response = await fetch(`${world.scheduler}/admin/api${asked.path}`, {
        method: asked.method,
        ...(asked.body === undefined
          ? {}
          : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(asked.body) }),
      });
      const streams = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
      if (streams) await response.body?.cancel();
      told.push({ asked, status: response.status, text: streams ? '' : await response.text() });
    }
  };
  await Promise.all(Array.from({ length: all.some(({ path }) => isExport(path)) ? 2 : 8 }, one));
  return told;
}

const isExport = (path: string): boolean => path.split('?', 1)[0]?.endsWith('/export') === true;

const understood = new Set([200, 202, 400, 401, 404, 429]);
const brief = ({ asked, status, text }: Told): unknown => [asked, status, text.slice(0, 300)];
/** Those that were not answered as a refusal or a result. */
const faults = (told: readonly Told[]): readonly unknown[] =>
  told
    .filter(({ status }) => !understood.has(status))
    .slice(0, 5)
    .map(brief);

/** What strangers sent, and what was made of it; orders, lanes and the audit are what operators wrote. */
async function contents(): Promise<unknown> {
  const dump = await dumpTables(database.url);
  return ['events', 'jobs', 'attempts', 'message_keys', 'rejections', 'migrations'].map((table) => [
    table,
    dump.get(`${world.schema}.${table}`),
  ]);
}

/** Filters that take any text. */
const takesText = /^(events|jobs)\..*(_in|_notin|_id|name|_code)$(?<!status_in|status_notin)/;
/** Does it look for what is not there? */
const looksFor = ({ path }: Asked): boolean => /[?&](events|jobs)\.\w+(_in|_id|name|_code)=/.test(path);
/** A tenth of the strings, another one each time. */
const share = (n: number): readonly string[] => hostileStrings.filter((_, at) => at % 10 === n % 10);

/** What an answer found. Below the names of its columns an export has a line for each. */
const dataOf = ({ text, asked }: Told): unknown =>
  isExport(asked.path) ? text.split('\r\n').slice(1, -1) : (JSON.parse(text) as { data: unknown }).data;

describe('two hundred hostile strings', () => {
  it('are two hundred', () => {
    expect(hostileStrings.length).toBeGreaterThanOrEqual(200);
  });

  it('in every query parameter are refused, or find nothing', async () => {
    const before = await contents();
    let parameters = 0;
    for (const endpoint of endpoints) {
      const names = endpoint.parameters.filter(({ in: place }) => place === 'query').map(({ name }) => name);
      parameters += names.length;
      const texts = names.filter((name) => takesText.test(name));
      const queries: [string, string][][] = [
        // All that take a text have it at once: any that was pasted into a statement would break it.
        ...(texts.length > 0
          ? hostileStrings.map((text) => texts.map((name): [string, string] => [name, text]))
          : []),
        ...names.flatMap((name, n) =>
          // An export reads its query as the list does.
          (takesText.test(name) || isExport(endpoint.path) ? share(n) : hostileStrings).map(
            (text): [string, string][] => [[name, text]],
          ),
        ),
      ];
      const told = await askAll(
        queries.map((query) => ({
          method: endpoint.method,
          path: `${pathOf(endpoint)}?${new URLSearchParams(query).toString()}`,
        })),
      );
      expect(faults(told)).toEqual([]);
      const found = told.filter(
        ({ status, text, asked }) => status === 200 && text !== '' && looksFor(asked),
      );
      expect(found.filter((each) => JSON.stringify(dataOf(each)) !== '[]').map(brief)).toEqual([]);
    }
    expect(parameters).toBeGreaterThan(100);
    expect(await contents()).toEqual(before);
  }, 240_000);

  it('in every place of every path find nothing', async () => {
    const before = await contents();
    for (const endpoint of endpoints) {
      for (const [, name = ''] of endpoint.path.matchAll(/\{(\w+)\}/g)) {
        const inPlace = hostileStrings.flatMap((text) => [
          { text, place: encoded(text) },
          ...(text.startsWith('%') ? [{ text, place: text }] : []),
        ]);
        const told = await askAll(
          inPlace.map(({ text, place }) => ({
            method: endpoint.method,
            path: pathOf(endpoint, { [name]: place }),
            ...(endpoint.requestBody && { body: endpoint.path.endsWith('/erase') ? { confirm: text } : {} }),
          })),
        );
        expect(faults(told)).toEqual([]);
        const isErasure = endpoint.path.endsWith('/erase');
        if (!isErasure) expect(told.filter(({ status }) => status < 300).map(brief)).toEqual([]);
      }
    }
    expect(await contents()).toEqual(before);
  }, 240_000);

  it('in every member of every body are refused, or match nothing', async () => {
    const before = await contents();
    for (const endpoint of endpoints.filter(({ requestBody }) => requestBody)) {
      const { properties = {}, required = [] } = endpoint.requestBody!.content['application/json'].schema;
      const base = Object.fromEntries(required.map((name) => [name, baseOf(name)]));
      for (const name of Object.keys(properties)) {
        const told = await askAll(
          hostileStrings.flatMap((text, n) =>
            valuesOf(name, text, n).map((value) => ({
              method: endpoint.method,
              path: pathOf(endpoint),
              body: { ...base, [name]: value },
            })),
          ),
        );
        expect(faults(told)).toEqual([]);
      }
    }
    expect(await contents()).toEqual(before);
  }, 240_000);

  it('in every filter of a body match nothing', async () => {
    const [preview, order] = ['/store/preview', '/store/bulks'].map(
      (path) =>
        endpoints.find((endpoint) => endpoint.path === path && endpoint.method === 'POST')!.requestBody!
          .content['application/json'].schema.properties!['where'],
    );
    // One and the same: what holds of the one holds of the other.
    expect(order).toEqual(preview);
    const filters = Object.entries(preview!.properties!);
    const valueOf = ({ type }: Schema, text: string): unknown => (type === 'array' ? [text] : text);
    const texts = filters.filter(([name]) => takesText.test(name));
    const wheres = [
      ...hostileStrings.map((text) => texts.map(([name, schema]) => [name, valueOf(schema, text)])),
      ...filters.flatMap(([name, schema], n) =>
        (takesText.test(name) ? share(n) : hostileStrings).map((text) => [[name, valueOf(schema, text)]]),
      ),
    ];
    const told = await askAll(
      wheres.map((where) => ({
        method: 'POST',
        path: '/store/preview',
        body: { kind: 'retry', where: Object.fromEntries(where) as unknown },
      })),
    );
    expect(faults(told)).toEqual([]);
    const counted = told.filter(
      ({ status, asked }) => status === 200 && !JSON.stringify(asked.body).includes('_notin'),
    );
    expect(counted.filter((each) => (dataOf(each) as { count: number }).count > 0).map(brief)).toEqual([]);
    expect(told.filter(({ status }) => status === 200).length).toBeGreaterThan(0);
  }, 240_000);

  it('are no members: what no schema names is refused', async () => {
    const writes = endpoints.filter(({ requestBody }) => requestBody);
    expect(writes.length).toBeGreaterThan(10);
    for (const [n, endpoint] of writes.entries()) {
      const { required = [] } = endpoint.requestBody!.content['application/json'].schema;
      const base = Object.fromEntries(required.map((name) => [name, baseOf(name)]));
      const told = await askAll(
        share(n).map((text) => ({
          method: endpoint.method,
          path: pathOf(endpoint),
          // A literal would set the prototype instead of a member.
          body: Object.fromEntries([...Object.entries(base), [text, true]]),
        })),
      );
      expect(told.filter(({ status }) => status !== 400).map(brief)).toEqual([]);
    }
  }, 120_000);
});

const baseOf = (name: string): unknown =>
  ({ kind: 'retry', where: { 'events.user_id': 'nobody' }, message: { type: 'track' }, confirm: 'no' })[
    name
  ] ?? 'x';

/** As it is; now and then in a list, or as a member. */
function valuesOf(name: string, text: string, n: number): readonly unknown[] {
  const odd = [[[text]], [], [Object.fromEntries([[text, text]])], []][n % 4] ?? [];
  return name === 'message' ? [text, ...odd, { type: text }] : [text, ...odd];
}

it('says what it did not understand, without a word of the database', async () => {
  const { status, body } = await askAdmin(world.scheduler, 'GET', "/store/events?events.user_id=a%00b'");
  expect(status).toBe(400);
  expect(JSON.stringify(body)).not.toMatch(/select|syntax|pg_|postgres/i);
});
