import { afterEach, describe, expect, it } from '@jest/globals';
import {
  silentLogger,
  type EventRecord,
  type JobRecord,
  type JsonValue,
  type Operations,
  type RunRecord,
  type Transition,
} from '@fragment/core';
import { fakeClock } from '@fragment/testing';
import { cleanUp, started } from '../admin.fixture.js';
import { adminEndpoints } from '../api/endpoints.js';
import { redactPaths, type Redact, type ShownPart } from '../index.js';
import { fakeOperations } from '../operations.fixture.js';
import { at, bulk, event, eventId, failureGroup, job, rejection, runs } from '../samples.fixture.js';

afterEach(cleanUp);

const MARKER = 'jane@secret.example';
const wire = { request: `POST /x\n{"email":"${MARKER}"}`, response: `no ${MARKER}` };
const error = { code: 'VENDOR_SAYS_NO', message: `${MARKER} looks fake`, status: 400, ...wire };
const markedJob: JobRecord = { ...job, data: { email: MARKER }, lastError: error };
const marked: EventRecord = {
  ...event,
  data: `{"event":"Order","traits":{"email":"${MARKER}","plan":"pro"}}`,
  envelope: `{"context":{"ip":"${MARKER}"}}`,
  planError: `FRAGMENT_PLAN_FAILED: no such ${MARKER}`,
  parsed: { event: MARKER },
  jobs: [markedJob],
};
const transitions: Transition[] = (['failed', 'succeeded'] as const).map((stateAfter, n) => ({
  id: `${job.id}.${n}`,
  jobId: job.id,
  eventId,
  attempt: 1,
  stateBefore: 'executing',
  stateAfter,
  createdAt: at,
  ...(stateAfter === 'failed' ? { error } : { exchange: { status: 200, ...wire } }),
}));
const refused = {
  ...rejection,
  message: `what is ${MARKER}?`,
  validations: [{ message: `${MARKER} is not a name`, path: ['traits', 'email'] }],
  data: `{"type":"track","email":"${MARKER}"}`,
};

/** What a trigger throws may tell of whom it was about. */
const markedRun: RunRecord = { ...runs[1]!, error: { code: 'VENDOR_SAYS_NO', message: error.message } };

/** A store in which everything that people send has the marker. */
function filled(over: Partial<Operations> = {}): Operations {
  const found = <T>(item: T) =>
    Promise.resolve({ items: [item], count: 1, countIsCapped: false, limit: 100, offset: 0 });
  return {
    ...fakeOperations().operations,
    findEvents: () => found(marked),
    findEvent: () => Promise.resolve(marked),
    findJobs: () => found(markedJob),
    findJob: () => Promise.resolve(markedJob),
    findTransitions: () => Promise.resolve(transitions),
    findRejections: () => found(refused),
    findRuns: () => found(markedRun),
    lastRuns: () => Promise.resolve([markedRun]),
    failureGroups: () =>
      Promise.resolve([{ ...failureGroup, status: 'discarded' as const, message: error.message }]),
    lanes: () =>
      Promise.resolve([
        {
          destination: 'amplitude',
          state: 'held' as const,
          reason: error.message,
          failures: 1,
          updatedAt: at,
        },
      ]),
    tail: async function* (_where, signal) {
      yield marked;
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    },
    ...over,
  };
}

/** A lane tells in its check why it is closed. */
const health = () =>
  Promise.resolve({
    status: 'degraded' as const,
    checks: [{ name: 'lane amplitude', status: 'warning' as const, message: `held: ${error.message}` }],
  });

const known: Readonly<Record<string, string>> = {
  ':source_name': 'rest',
  ':trigger_name': 'track',
  ':destination_name': 'amplitude',
  ':action_name': 'track',
  ':event_id': eventId,
  ':job_id': job.id,
  ':bulk_id': bulk.id,
  ':user_id': 'u1',
  ':migration_id': '0001',
};
const reads = adminEndpoints('/admin')
  .filter(({ method }) => method === 'GET')
  .map(({ path }) => `/admin${path.replace(/:[a-z_]+/g, (name) => known[name] ?? name)}`)
  .flatMap((path) => (path.endsWith('/export') ? [`${path}?format=csv`, `${path}?format=ndjson`] : [path]));

/** Everything of an answer; of one that does not end, the first event. */
async function textOf(url: string): Promise<string> {
  const end = new AbortController();
  const res = await fetch(url, { signal: end.signal });
  expect(res.status).toBe(200);
  if (!url.endsWith('/stream')) return res.text();
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of res.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (text.includes('data: ')) break;
  }
  end.abort();
  return text;
}

const withoutMarker: Redact = (value) =>
  JSON.parse(JSON.stringify(value).replaceAll(MARKER, '[gone]')) as JsonValue;

describe('the redaction hook', () => {
  it('stands in every way out', async () => {
    const open = await started({ operations: filled(), health });
    const { url } = await started({ operations: filled(), health, redact: withoutMarker });
    const shown: string[] = [];
    for (const path of reads) {
      expect([path, (await textOf(`${url}${path}`)).includes(MARKER)]).toEqual([path, false]);
      if ((await textOf(`${open.url}${path}`)).includes(MARKER)) shown.push(path.replace('/admin/api/', ''));
    }
    // Or there would have been nothing to find.
    expect(shown.sort()).toEqual(
      [
        'destinations',
        'destinations/amplitude',
        'health',
        'overview',
        'lanes',
        'sources',
        'sources/rest',
        'sources/rest/triggers/track/runs',
        'store/events',
        'store/events/export?format=csv',
        'store/events/export?format=ndjson',
        `store/events/${eventId}`,
        'store/failures',
        'store/jobs',
        'store/jobs/export?format=csv',
        'store/jobs/export?format=ndjson',
        `store/jobs/${job.id}`,
        `store/jobs/${job.id}/transitions`,
        'store/rejections',
        'store/rejections/export?format=csv',
        'store/rejections/export?format=ndjson',
        'store/stream',
      ].sort(),
    );
  });

  it('is told what it is given, and whose it is', async () => {
    const given: [ShownPart, JsonValue][] = [];
    const redact: Redact = (value, part) => (given.push([part, value]), value);
    const { ask } = await started({ operations: filled(), redact });
    const { body } = await ask(`/admin/api/store/events/${eventId}`);
    const ofEvent = { eventId, source: 'rest', trigger: 'track', type: 'track' };
    const ofJob = { eventId, jobId: job.id, destination: 'amplitude', action: 'track' };
    expect(given).toEqual(
      expect.arrayContaining([
        [{ ...ofEvent, kind: 'event' }, JSON.parse(marked.data)],
        [{ ...ofEvent, kind: 'context' }, { context: { ip: MARKER } }],
        [{ ...ofEvent, kind: 'message' }, `no such ${MARKER}`],
        [{ ...ofJob, kind: 'job' }, { email: MARKER }],
        [{ ...ofJob, kind: 'request' }, wire.request],
        [{ ...ofJob, kind: 'response' }, wire.response],
        [{ ...ofJob, kind: 'message' }, error.message],
      ]),
    );
    expect(given).toHaveLength(7);
    // It has changed nothing, and nothing says so.
    expect(body.data).toMatchObject({
      redacted: false,
      jobs: [{ redacted: false, data: { email: MARKER } }],
    });
    given.length = 0;
    await ask(`/admin/api/store/jobs/${job.id}/transitions`);
    // Of the try that failed, then of the one that succeeded.
    expect(given.slice(-5)).toEqual([
      [{ ...ofJob, kind: 'message' }, error.message],
      [{ ...ofJob, kind: 'request' }, wire.request],
      [{ ...ofJob, kind: 'response' }, wire.response],
      [{ ...ofJob, kind: 'request' }, wire.request],
      [{ ...ofJob, kind: 'response' }, wire.response],
    ]);
  });

  it('is given what a destination told of its lane, not the state', async () => {
    const given: [ShownPart, JsonValue][] = [];
    const redact: Redact = (value, part) => (given.push([part, value]), '-');
    const { ask } = await started({ operations: filled(), health, redact });
    expect((await ask('/admin/api/health')).body.data).toMatchObject({ checks: [{ message: 'held: -' }] });
    expect(given).toEqual([[{ kind: 'message', destination: 'amplitude' }, error.message]]);
  });

  it('marks what it has changed', async () => {
    const redact: Redact = (value, { kind }) => (kind === 'event' ? { event: 'Order' } : value);
    const { ask } = await started({ operations: filled(), redact });
    expect((await ask(`/admin/api/store/events/${eventId}`)).body.data).toMatchObject({
      data: { event: 'Order' },
      redacted: true,
      plan_error: marked.planError,
      jobs: [{ redacted: false, data: { email: MARKER } }],
    });
    expect((await ask('/admin/api/store/rejections')).body.data).toMatchObject([
      { redacted: false, data: refused.data },
    ]);
  });

  const throws = (value: JsonValue): never => {
    throw new Error(JSON.stringify(value));
  };
  const failing: [string, unknown][] = [
    ['throws', throws],
    ['answers with nothing', () => undefined],
    ['answers later', () => Promise.reject(new Error(MARKER))],
    ['answers with what is no JSON', () => ({ at: new Date(), by: MARKER })],
    ['answers with a number that is none', () => ({ n: Number.NaN, by: MARKER })],
    ['answers with JSON for a text', (value: JsonValue) => (typeof value === 'string' ? [value] : {})],
  ];
  it.each(failing)('hides the value when it %s, and logs that without it', async (_name, hook) => {
    const logged: unknown[][] = [];
    const logger = { ...silentLogger, error: (...args: unknown[]) => void logged.push(args) };
    const clock = fakeClock();
    const redact = hook as Redact;
    const { ask } = await started({ operations: filled(), redact, logger, clock });
    const { body } = await ask('/admin/api/store/jobs');
    expect(JSON.stringify(body.data)).not.toContain(MARKER);
    expect(body.data).toMatchObject([
      { redacted: true, error: { code: error.code, message: '***', request: '***', response: '***' } },
    ]);
    await ask('/admin/api/store/jobs');
    expect(logged).toHaveLength(1);
    expect(JSON.stringify(logged)).not.toContain(MARKER);
    await clock.advance(60_000);
    await ask('/admin/api/store/jobs');
    expect(logged).toHaveLength(2);
  });

  it('does not bring the process down with JSON that is too deep to be written', async () => {
    const deep = `${'['.repeat(100_000)}"${MARKER}"${']'.repeat(100_000)}`;
    const operations = filled({ findEvent: () => Promise.resolve({ ...marked, data: deep }) });
    const { ask } = await started({ operations, redact: redactPaths(['**.email']) });
    const { status, body } = await ask(`/admin/api/store/events/${eventId}`);
    expect([status, (body.data as { data: unknown }).data]).toEqual([200, '***']);
  });

  it('must be a function', async () => {
    await expect(started({ redact: 'email' as unknown as Redact })).rejects.toMatchObject({
      validations: [{ path: ['admin', 'redact'] }],
    });
  });
});

describe('redactPaths', () => {
  const part: ShownPart = { kind: 'event' };
  const message = {
    context: { ip: '1.2.3.4', locale: 'en' },
    traits: { email: 'x', address: { city: 'y', email: 'z' } },
    properties: { card: { number: 1, owner: null }, products: [{ price: 1, name: 'a' }, { price: 2 }] },
  };
  it.each<[readonly string[], unknown]>([
    [['context.ip'], { ...message, context: { ip: '***', locale: 'en' } }],
    [['traits.email', 'none.of.it'], { ...message, traits: { ...message.traits, email: '***' } }],
    [['traits'], { ...message, traits: '***' }],
    [['*.ip'], { ...message, context: { ip: '***', locale: 'en' } }],
    [['**.email'], { ...message, traits: { email: '***', address: { city: 'y', email: '***' } } }],
    [
      ['properties.card.*', 'properties.products.price'],
      {
        ...message,
        properties: {
          card: { number: '***', owner: '***' },
          products: [{ price: '***', name: 'a' }, { price: '***' }],
        },
      },
    ],
    [
      ['properties.products.1.*'],
      {
        ...message,
        properties: { ...message.properties, products: [{ price: 1, name: 'a' }, { price: '***' }] },
      },
    ],
    [['context.**'], { ...message, context: { ip: '***', locale: '***' } }],
    [[], message],
  ])('hides what is under %j', (paths, shown) => {
    expect(redactPaths(paths)(message, part)).toEqual(shown);
    expect(redactPaths(paths)({ batch: [message] }, part)).toEqual({ batch: [shown] });
  });

  it('hides a text whole, and keeps the rest of what it cannot enter', () => {
    const redact = redactPaths(['a.b']);
    expect([redact('a', part), redact(1, part), redact(null, part), redact({ a: 1 }, part)]).toEqual([
      '***',
      1,
      null,
      { a: 1 },
    ]);
    const own = JSON.parse('{"__proto__":{"b":1},"a":{"b":2}}') as JsonValue;
    expect(JSON.stringify(redact(own, part))).toBe('{"__proto__":{"b":1},"a":{"b":"***"}}');
  });

  it('refuses a path that leads nowhere', () => {
    expect(() => redactPaths(['a..b', 'a.b', ''])).toThrow(
      expect.objectContaining({ code: 'FRAGMENT_CONFIG_INVALID' }),
    );
  });
});
