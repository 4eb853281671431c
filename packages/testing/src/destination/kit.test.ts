import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Destination, JobResult, LeasedJob } from '@fragment/core';
import {
  loadCases,
  runCase,
  startFakeVendor,
  tablesOf,
  testDestination,
  type DestinationCase,
  type DestinationSuite,
} from '../index.js';

/** A vendor that takes an event with a user, one a request. */
const fake: DestinationSuite['fake'] = () =>
  startFakeVendor(({ body }) => {
    const { user } = body as { user?: unknown };
    return typeof user === 'string' && user.length < 1_000
      ? { status: 200, body: { ok: true } }
      : { status: 400, body: 'no user' };
  });

type Fault =
  | 'clock'
  | 'leaks'
  | 'leaks a success'
  | 'shows others'
  | 'shows others that failed'
  | 'shows all'
  | 'throws'
  | 'poisons'
  | 'one user'
  | 'silent'
  | 'twice'
  | 'unknown job'
  | 'not JSON'
  | 'sends the invalid'
  | 'retries the invalid'
  | 'deaf';

/** A small destination, whole; or with one fault. */
function small(url: string, fault?: Fault): Destination {
  const error = (code: string, message: string, status?: number) => ({
    code,
    message,
    ...(status !== undefined && { status }),
  });
  const refused = fault === 'retries the invalid' ? 'failed' : 'discarded';
  const send = async (job: LeasedJob, signal: AbortSignal): Promise<JobResult> => {
    const message = read(job, fault);
    const user = fault === 'one user' ? 'u-1' : message['userId'];
    const told = typeof user === 'string' && user !== '' && user.length < 1_000;
    if (!told && fault !== 'sends the invalid')
      return { job: job.id, outcome: refused, error: error('NO_USER', 'It has no user.') };
    const response = await fetch(`${url}/events?v=1`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': job.idempotencyKey },
      body: JSON.stringify({
        user,
        event: message['event'],
        ...(fault === 'clock' && { at: Math.random() }),
      }),
      ...(fault !== 'deaf' && { signal }),
    });
    const text = await response.text();
    if (response.ok) {
      const exchange = { status: response.status, ...(fault === 'leaks a success' && { response: text }) };
      return { job: job.id, outcome: 'succeeded', exchange };
    }
    const outcome = response.status >= 500 ? 'failed' : 'discarded';
    const shown = fault === 'leaks' ? text : 'It was refused.';
    return { job: job.id, outcome, error: error('REFUSED', shown, response.status) };
  };
  return {
    name: 'small',
    actions: [
      {
        name: 'track',
        batch: { maxJobs: 20 },
        load: async (jobs, { signal }) => {
          const results = await Promise.all(jobs.map((job) => send(job, signal)));
          return shown(spoilt(results, fault), jobs, fault);
        },
      },
    ],
  };
}

function read(job: LeasedJob, fault?: Fault): Record<string, unknown> {
  try {
    return JSON.parse(job.event.data) as Record<string, unknown>;
  } catch (error) {
    if (fault === 'throws') throw error;
    return {};
  }
}

function spoilt(results: readonly JobResult[], fault?: Fault): readonly JobResult[] {
  const [first, ...rest] = results as [JobResult, ...JobResult[]];
  if (fault === 'silent') return rest;
  if (fault === 'twice') return [first, first, ...rest];
  if (fault === 'unknown job') return [...results, { job: 'another', outcome: 'succeeded' }];
  if (fault === 'not JSON')
    return [{ ...first, then: [{ action: 'a', data: new Date() as never }] }, ...rest];
  if (fault === 'poisons' && results.some(({ outcome }) => outcome === 'discarded'))
    return results.map(({ job }) => ({ job, outcome: 'discarded', error: { code: 'X', message: 'y' } }));
  return results;
}

/** As a batch does that keeps one excerpt of its request for all its jobs. */
function shown(
  results: readonly JobResult[],
  jobs: readonly LeasedJob[],
  fault?: Fault,
): readonly JobResult[] {
  const all = jobs.map(({ event }) => event.data).join();
  const request = fault === 'shows all' ? 'x'.repeat(4_097) : all.slice(0, 2_000);
  return results.map((result) => {
    if (result.outcome !== 'succeeded')
      return fault === 'shows others that failed'
        ? { ...result, error: { ...result.error, request } }
        : result;
    return fault === 'shows others' || fault === 'shows all' ? { ...result, exchange: { request } } : result;
  });
}

const event = { type: 'track', userId: 'u-1', event: 'Paid' };
const request = { method: 'POST', path: '/events', query: { v: '1' }, body: { user: 'u-1', event: 'Paid' } };
const run = (one: Partial<DestinationCase>, fault?: Fault) =>
  runCase(
    { name: 'small', create: (url) => small(url, fault), fake },
    { name: 'It', events: [event], ...one },
  );

describe('a case', () => {
  it.each<[string, Partial<DestinationCase>]>([
    ['requests and outcome', { requests: [request] }],
    ['named headers', { requests: [{ ...request, headers: { 'Content-Type': 'application/json' } }] }],
    ['no body', { requests: [{ method: 'POST', path: '/events', query: { v: '1' } }] }],
    [
      'mapped fields',
      {
        maps: [
          { to: 'user', from: 'userId' },
          { to: 'body.event', from: 'event' },
        ],
      },
    ],
    ['defaults', { maps: [{ to: 'headers.idempotency-key', from: 'messageId' }] }],
    [
      'no request',
      {
        events: [{ type: 'track' }],
        requests: [],
        outcomes: [{ outcome: 'discarded', code: 'NO_USER', message: 'no user' }],
      },
    ],
    [
      'scripted answers, and the rules of the fake after them',
      {
        events: [event, { ...event, userId: 'u-2' }, { ...event, userId: 'u-3' }],
        answers: [{ status: 503, text: '<html>' }],
        outcomes: [{ outcome: 'failed', status: 503 }, { outcome: 'succeeded' }, { outcome: 'succeeded' }],
      },
    ],
  ])('passes: %s', async (_, one) => {
    await run(one);
  });

  it.each<[string, Partial<DestinationCase>, Fault?]>([
    [
      'requests[0].body.user: expected "u-9", was "u-1"',
      { requests: [{ ...request, body: { user: 'u-9' } }] },
    ],
    [
      'requests[0].body.event: expected nothing, was "Paid"',
      { requests: [{ ...request, body: { user: 'u-1' } }] },
    ],
    ['requests[0].query.v: expected nothing, was "1"', { requests: [{ method: 'POST', path: '/events' }] }],
    ['requests[0].path: expected "/x", was "/events"', { requests: [{ ...request, path: '/x' }] }],
    [
      'requests[0].headers.x-a: expected "1", was nothing',
      { requests: [{ ...request, headers: { 'x-a': '1' } }] },
    ],
    ['requests[1]: /events was not sent', { requests: [request, request] }],
    ['requests[0]: POST /events was not expected', { requests: [] }],
    ['outcomes[0].outcome: expected "failed", was "succeeded"', { outcomes: [{ outcome: 'failed' }] }],
    [
      'outcomes[0].status: expected 500, was 404',
      { answers: [{ status: 404 }], outcomes: [{ outcome: 'discarded', status: 500 }] },
    ],
    ['the error was {"code":"REFUSED"', { answers: [{ status: 404 }] }],
    [
      'does not hold "nonsense"',
      { answers: [{ status: 404 }], outcomes: [{ outcome: 'discarded', message: 'nonsense' }] },
    ],
    ['maps[0].from: no message has traits.email', { maps: [{ to: 'user', from: 'traits.email' }] }],
    [
      'maps[0]: event is not made from userId',
      { maps: [{ to: 'event', from: 'userId' }], events: [{ ...event, userId: 'u-1' }] },
      'one user',
    ],
    ['maps[0].to: no request has uid', { maps: [{ to: 'uid', from: 'userId' }] }],
    [
      'answers[1]: was never asked for, there were 1 requests',
      { answers: [{ status: 200 }, { status: 200 }] },
    ],
    ['small has no action "page"', { events: [{ type: 'page' }] }],
    ['did not answer for', {}, 'silent'],
    ['answered twice', {}, 'twice'],
    ['answered for the unknown job another', {}, 'unknown job'],
    ['.then[0].data: expected', {}, 'not JSON'],
    ['a request of 4097 bytes to keep, 4096 may be', {}, 'shows all'],
    ['no answer came', { answers: [{ close: true }] }],
  ])('fails: %s', async (...[said, one, fault]) => {
    const failed = expect(run(one, fault)).rejects;
    // A reset connection makes this small destination's fetch throw, as a lane would see it.
    await failed.toThrow(said === 'no answer came' ? 'fetch failed' : said);
  });

  it('is named with its file', async () => {
    const one = { name: 'It', file: 'mapping.json', events: [event], requests: [] };
    const failing = runCase({ name: 'small', create: (url) => small(url), fake }, one);
    await expect(failing).rejects.toThrow('mapping.json: "It"\n  requests[0]');
  });
});

describe('case files', () => {
  let folder = '';
  beforeEach(async () => void (folder = await mkdtemp(path.join(tmpdir(), 'fragment-cases-'))));
  afterEach(() => rm(folder, { recursive: true }));
  const write = (file: string, value: unknown) =>
    writeFile(path.join(folder, file), typeof value === 'string' ? value : JSON.stringify(value));

  it('are read in order, with their names', async () => {
    await write('b.json', [{ name: 'B', events: [event] }]);
    await write('a.json', [{ name: 'A', events: [event], answers: [{ close: true }] }]);
    await write('README.md', 'no case');
    const cases = await loadCases(folder);
    expect(cases.map(({ name, file }) => [name, file])).toEqual([
      ['A', 'a.json'],
      ['B', 'b.json'],
    ]);
  });

  it('are refused with everything that is wrong in them', async () => {
    await write('a.json', '{');
    await write('b.json', { name: 'B' });
    await write('c.json', [
      { name: '', events: [] },
      { name: 'C', events: [1], request: [], outcomes: [{ outcome: 'lost', retryAfterMs: -1 }] },
      { name: 'C', events: [event], requests: [{ method: 'POST', body: {}, query: { a: 1 } }] },
      { name: 'D', events: [event], outcomes: [], answers: [{ json: 1 }] },
      { name: 'E', events: [event], requests: [], maps: [{ to: 'a', from: 'b', rule: 'c' }] },
      { name: 'F', events: [event] },
      { name: 'F', events: [event] },
    ]);
    const told = await loadCases(folder).then(String, String);
    expect(
      told
        .split('\n')
        .slice(1)
        .map((line) => line.trim().replace(/: SyntaxError.*|; known are.*/, '')),
    ).toEqual([
      'a.json is not JSON',
      'b.json must be a list of cases',
      'c.json[0].name must be a text',
      'c.json[0].events must not be empty',
      'c.json[1].events[0] must be an object',
      'c.json[1].request is not known here',
      'c.json[1].outcomes[0].outcome must be one of succeeded, failed, discarded',
      'c.json[1].outcomes[0].retryAfterMs must be a whole number',
      'c.json[2].requests[0].path is missing',
      'c.json[2].requests[0].query.a must be a text',
      'c.json[3].outcomes must have one entry per event',
      'c.json[3].answers[0] needs a status, or close',
      'c.json[4].maps[0].rule is not known here',
      'c.json: the name "F" is used in c.json already',
    ]);
  });

  it('must be there', async () => {
    await expect(loadCases(folder)).rejects.toThrow('there is no *.json');
  });
});

describe('tables', () => {
  const base = { name: 'x', events: [event] };

  it('join the rows of all cases', () => {
    const maps = (from: string, note?: string) => [
      { to: 'email', from, ...(note !== undefined && { note }) },
    ];
    const { mapping } = tablesOf([
      { ...base, maps: maps('traits.email', 'trimmed') },
      { ...base, maps: [...maps('context.traits.email', 'trimmed'), { to: 'name', from: 'name' }] },
    ]);
    expect(mapping).toEqual([
      { to: 'email', from: ['traits.email', 'context.traits.email'], notes: ['trimmed'] },
      { to: 'name', from: ['name'], notes: [] },
    ]);
  });

  it.each<[DestinationCase['outcomes'], string]>([
    [undefined, 'succeeded'],
    [
      [{ outcome: 'succeeded' }, { outcome: 'discarded', code: 'A' }],
      'discarded (`A`); the others succeeded',
    ],
    [[{ outcome: 'failed', hold: 'credentials' }], 'failed, the lane is held'],
    [
      [{ outcome: 'failed', scope: 'user', retryAfterMs: 30_000, countsAsAttempt: false }],
      'failed, its user waits 30 s, not counted as an attempt',
    ],
    [[{ outcome: 'failed', retryAfterMs: 7_200_000 }], 'failed, the job waits 2 h'],
    [
      [{ outcome: 'failed', retryAfterMs: 1 }, { outcome: 'failed' }],
      'failed, the job waits 1 ms; or: failed',
    ],
  ])('say what becomes of %j', (outcomes, outcome) => {
    const answered = { ...base, answer: '500', ...(outcomes && { outcomes }) };
    expect(tablesOf([answered, base]).answers).toEqual([{ answer: '500', outcome }]);
  });

  it('do not say two things of one answer', () => {
    const other = { ...base, answer: '500', outcomes: [{ outcome: 'failed' as const }] };
    expect(() => tablesOf([{ ...base, answer: '500' }, other])).toThrow('different things of "500"');
  });
});

describe('the promises of every destination', () => {
  const snapshots: unknown[] = [];
  /** Runs the declared tests, or one of them, and names those that fail. */
  const failures = async (fault?: Fault, only?: string): Promise<string[]> => {
    const tests: { name: string; run: () => Promise<void> }[] = [];
    testDestination(
      { name: 'small', create: (url) => small(url, fault), fake, cases: [], secrets: ['s3cret'] },
      {
        describe: (_, define) => define(),
        it: (name, test) => tests.push({ name, run: test }),
        expect: (value) => ({ toMatchSnapshot: () => snapshots.push(value) }),
      },
    );
    const failed: string[] = [];
    for (const { name, run: test } of tests)
      if (only === undefined || only === name) await test().catch(() => failed.push(name));
    return failed;
  };
  const beside = 'keeps with a job of track nothing of the jobs beside it';
  const hostile = 'survives hostile track messages (seed 1), and so do those beside them';

  it('are kept by a small destination, whose requests are shown', async () => {
    expect(await failures()).toEqual([]);
    expect(snapshots).toEqual([
      {
        outcomes: ['succeeded'],
        requests: [{ ...request, body: { user: 'user-1', event: 'Signed Up' } }],
      },
      {
        outcomes: ['succeeded'],
        requests: [{ ...request, body: { user: 'user-1', event: 'Order Completed' } }],
      },
    ]);
  });

  it.each<[Fault, string]>([
    ['clock', 'sends the same when a job is tried again'],
    ['sends the invalid', 'sends nothing for a message that is invalid by itself'],
    ['retries the invalid', 'sends nothing for a message that is invalid by itself'],
    ['throws', hostile],
    ['poisons', hostile],
    ['leaks', 'shows no secret that an answer to track echoes'],
    ['leaks a success', 'shows no secret that an answer to track echoes'],
    ['shows others', beside],
    ['shows others that failed', beside],
    ['deaf', 'ends a call of track whose time is over'],
  ])('are not kept by one that is wrong: %s', async (fault, name) => {
    expect(await failures(fault, name)).toEqual([name]);
  });
});
