import type { Action, Destination, Exchange, JobResult, LeasedJob } from '@fragment/core';
import { loadToolkit, type LoggedLine } from '../jobs/leased-job.js';
import type { FakeRequest, FakeVendor } from '../vendors/fake-vendor.js';
import type { CaseAnswer } from './case.js';
import { differences } from './difference.js';

/** What the kit needs of a fake vendor; every `startFake...` and `startFakeVendor` give it. */
export type DestinationFake = Pick<FakeVendor, 'url' | 'requests' | 'script' | 'hang' | 'recover' | 'stop'>;

/** The destination under test, and the vendor it talks to. */
export interface DestinationUnderTest {
  readonly name: string;
  /** Makes the destination, with `options` over those it always has in this suite. */
  readonly create: (endpoint: string, options: object) => Destination;
  /** Starts the vendor, empty. Gets the options of the case, for a vendor that must know of them. */
  readonly fake: (options: object) => Promise<DestinationFake>;
}

/** One destination beside its own vendor, until `close`. */
export interface Scene {
  readonly fake: DestinationFake;
  readonly destination: Destination;
  readonly logged: readonly LoggedLine[];
  /** One result per job, in the order of the jobs. */
  readonly load: (jobs: readonly LeasedJob[], signal?: AbortSignal) => Promise<readonly JobResult[]>;
}

/** Runs `use` with a new destination and a new vendor: what one test leaves behind, no other sees. */
export async function withScene<T>(
  { name, create, fake: startFake }: DestinationUnderTest,
  options: object,
  use: (scene: Scene) => Promise<T>,
): Promise<T> {
  const fake = await startFake(options);
  const toolkit = loadToolkit({ destination: name });
  const destination = create(fake.url, options);
  try {
    await destination.init?.(toolkit);
    const load: Scene['load'] = async (jobs, signal = toolkit.signal) => {
      const results: JobResult[] = [];
      for (const { action, jobs: batch } of batchesOf(jobs, destination))
        results.push(...inOrder(batch, await action.load(batch, { ...toolkit, signal })));
      return inOrder(jobs, results);
    };
    return await use({ fake, destination, logged: toolkit.logged, load });
  } finally {
    fake.recover();
    await destination.shutdown?.(toolkit);
    await fake.stop();
  }
}

export function script(fake: DestinationFake, answers: readonly CaseAnswer[]): void {
  fake.script(
    ...answers.map(({ status = 500, headers, json, text, close }) => ({
      status,
      ...(headers && { headers }),
      ...((json !== undefined || text !== undefined) && { body: json ?? text }),
      ...(close && { close }),
    })),
  );
}

/** A request in the terms of a case. */
export function asSent({ method, path, query, headers, body, text }: FakeRequest) {
  return { method, path, query: Object.fromEntries(query), headers, body: body ?? (text || undefined) };
}

interface Batch {
  readonly action: Action;
  readonly jobs: readonly LeasedJob[];
}

/** Calls of `load` as a lane makes them: one action each, never more than its `batch` allows. */
function batchesOf(jobs: readonly LeasedJob[], destination: Destination): readonly Batch[] {
  const open = new Map<string, { action: Action; jobs: LeasedJob[]; bytes: number }>();
  const batches: Batch[] = [];
  for (const job of jobs) {
    const action = destination.actions.find(({ name }) => name === job.action);
    if (!action) throw new Error(`${destination.name} has no action "${job.action}"`);
    const { maxJobs, maxBytes = Infinity } = action.batch ?? { maxJobs: 1 };
    const bytes = Buffer.byteLength(job.event.data);
    let batch = open.get(action.name);
    if (!batch || batch.jobs.length >= maxJobs || batch.bytes + bytes > maxBytes) {
      batch = { action, jobs: [], bytes: 0 };
      open.set(action.name, batch);
      batches.push(batch);
    }
    batch.jobs.push(job);
    batch.bytes += bytes;
  }
  return batches;
}

/** Checks what `load` promises whatever it was given: one result per job, of jobs it knows, fit to be stored. */
function inOrder(jobs: readonly LeasedJob[], loaded: readonly JobResult[]): JobResult[] {
  const results = loaded.map(asKept);
  const byJob = new Map(results.map((result) => [result.job, result]));
  const ids = new Set(jobs.map(({ id }) => id));
  const problems = [
    ...results.filter(({ job }) => !ids.has(job)).map(({ job }) => `answered for the unknown job ${job}`),
    ...(byJob.size < results.length ? ['answered twice for one job'] : []),
    ...results.flatMap((result) => differences(result, asStored(result), `result of ${result.job}`)),
    ...results.flatMap(malformed),
  ];
  const ordered = jobs.flatMap(({ id }) => {
    const result = byJob.get(id);
    if (!result) problems.push(`did not answer for ${id}`);
    return result ? [result] : [];
  });
  if (problems.length > 0) throw new Error(`load broke its promises:\n  ${problems.join('\n  ')}`);
  return ordered;
}

/** As it is kept: an exchange may be made of getters, which are read by their names. */
function asKept(result: JobResult): JobResult {
  if (result.outcome !== 'succeeded' || !result.exchange) return result;
  const { status, request, response } = result.exchange;
  const exchange: Exchange = {
    ...(status !== undefined && { status }),
    ...(request !== undefined && { request }),
    ...(response !== undefined && { response }),
  };
  return { ...result, exchange };
}

const asStored = (result: JobResult): unknown => JSON.parse(JSON.stringify(result));

function malformed(result: JobResult): string[] {
  if (result.outcome === 'succeeded') return oversized(result.job, result.exchange);
  const { code, message } = result.error;
  const told = [code, message].every((text: unknown) => typeof text === 'string' && text !== '');
  const wait = result.outcome === 'failed' ? (result.retryAfterMs ?? 0) : 0;
  return [
    ...(told ? [] : [`gave ${result.job} an error without code or message`]),
    ...(Number.isFinite(wait) && wait >= 0 ? [] : [`told ${result.job} to wait ${wait} ms`]),
    ...oversized(result.job, result.error),
  ];
}

/** Bytes that are kept of a request, and of a response. */
const KEPT_BYTES = 4_096;

function oversized(job: string, { request = '', response = '' }: Exchange = {}): string[] {
  return Object.entries({ request, response }).flatMap(([name, text]) => {
    const bytes = Buffer.byteLength(text);
    return bytes > KEPT_BYTES
      ? [`gave ${job} a ${name} of ${bytes} bytes to keep, ${KEPT_BYTES} may be`]
      : [];
  });
}
