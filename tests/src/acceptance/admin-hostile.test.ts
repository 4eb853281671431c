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

/** A few at a time. A stream is left as soon as it has begun. */
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
  await Promise.all(Array.from({ length: 8 }, one));
  return told;
}

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

const dataOf = ({ text }: Told): unknown => (JSON.parse(text) as { data: unknown }).data;

describe('two hundred hostile strings', () => {
  it('are two hundred', () => {
    expect(hostileStrings.length).toBeGreaterThanOrEqual(200);
  });

  it('in every query parameter are refused, or find nothing', async () => {
    const before = await contents();
    const all = endpoints.flatMap((endpoint) =>
      endpoint.parameters
        .filter((parameter) => parameter.in === 'query')
        .map((parameter) => ({ endpoint, parameter })),
    );
    expect(all.length).toBeGreaterThan(100);
    for (const [n, { endpoint, parameter }] of all.entries()) {
      // Two lists have the filters of events and jobs as well: a fifth of the strings in each, another one every time.
      const shared = ['/store/failures', '/store/stream'].includes(endpoint.path);
      const texts = shared ? hostileStrings.filter((_, at) => at % 5 === n % 5) : hostileStrings;
      const told = await askAll(
        texts.map((text) => ({
          method: endpoint.method,
          path: `${pathOf(endpoint)}?${new URLSearchParams([[parameter.name, text]]).toString()}`,
        })),
      );
      expect(faults(told)).toEqual([]);
      const looksFor =
        /^(events|jobs)\./.test(parameter.name) && !/_notin$|_attempts$|plan_failed$/.test(parameter.name);
      const found = told.filter((each) => each.status === 200 && each.text !== '');
      if (looksFor)
        expect(found.filter((each) => JSON.stringify(dataOf(each)) !== '[]').map(brief)).toEqual([]);
    }
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
          hostileStrings.flatMap((text) =>
            valuesOf(name, text).map((value) => ({
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
    for (const [name, { type }] of Object.entries(preview!.properties!)) {
      const told = await askAll(
        hostileStrings.map((text) => ({
          method: 'POST',
          path: '/store/preview',
          body: { kind: 'retry', where: { [name]: type === 'array' ? [text] : text } },
        })),
      );
      expect(faults(told)).toEqual([]);
      if (/_notin$/.test(name)) continue;
      const counted = told.filter(({ status }) => status === 200).map((each) => dataOf(each));
      expect(counted.filter((data) => (data as { count: number }).count > 0)).toEqual([]);
    }
  }, 240_000);

  it('are no members: what no schema names is refused', async () => {
    const writes = endpoints.filter(({ requestBody }) => requestBody);
    expect(writes.length).toBeGreaterThan(10);
    for (const endpoint of writes) {
      const { required = [] } = endpoint.requestBody!.content['application/json'].schema;
      const base = Object.fromEntries(required.map((name) => [name, baseOf(name)]));
      const told = await askAll(
        hostileStrings.map((text) => ({
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

/** As it is, in a list, and as a member. */
function valuesOf(name: string, text: string): readonly unknown[] {
  const odd = [[text], Object.fromEntries([[text, text]])];
  return name === 'message' ? [text, ...odd, { type: text }] : [text, ...odd];
}

it('says what it did not understand, without a word of the database', async () => {
  const { status, body } = await askAdmin(world.scheduler, 'GET', "/store/events?events.user_id=a%00b'");
  expect(status).toBe(400);
  expect(JSON.stringify(body)).not.toMatch(/select|syntax|pg_|postgres/i);
});
