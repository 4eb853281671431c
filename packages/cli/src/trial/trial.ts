import {
  FragmentError,
  newId,
  planned,
  type Action,
  type Application,
  type Destination,
  type JobResult,
  type JsonObject,
  type LeasedJob,
  type LoadToolkit,
  type PlannedEvent,
  type PlannedJob,
} from '@fragment/core';
import { disconnected, watched, type Exchange } from './exchanges.js';
import { mappedFields, type MappedField } from './fields.js';
import { extractionOf } from './message.js';

const LOAD_TIMEOUT_MS = 60_000;

/** What a destination made of one job. */
export interface TriedJob {
  readonly action: string;
  readonly result: JobResult;
  readonly exchanges: readonly Exchange[];
  readonly fields: readonly MappedField[];
}

export interface Trial {
  readonly destination: string;
  /** `<source>/<trigger>` whose flows planned the jobs. */
  readonly trigger: string;
  readonly planError: string | undefined;
  readonly jobs: readonly TriedJob[];
}

export interface TrialOptions {
  readonly destination: string;
  /** Instead of what the flows plan. */
  readonly action: string | undefined;
  /** Without it nothing can connect to anything. */
  readonly send: boolean;
}

/**
 * Plans a message for one destination and lets it load the jobs, as a scheduler would, without a store and a queue.
 * @throws {FragmentError} FRAGMENT_CLI_USAGE for a destination or action that is not there; FRAGMENT_PLUGIN_INIT_FAILED
 */
export async function tryOut(app: Application, message: JsonObject, o: TrialOptions): Promise<Trial> {
  const destination = named('destination', o.destination, app.destinations);
  const event = plannedBy(app, message);
  const calls = o.action === undefined ? jobsFor(event, destination) : [jobOf(event, destination, o.action)];
  const toolkit: LoadToolkit = {
    logger: app.logger,
    clock: app.clock,
    signal: AbortSignal.timeout(destination.limits?.loadTimeoutMs ?? LOAD_TIMEOUT_MS),
    destination: destination.name,
    newId,
  };
  const isolated = o.send ? <T>(work: () => Promise<T>): Promise<T> => work() : disconnected;
  const jobs = await isolated(() => load(destination, event, message, calls, toolkit, o.send));
  const { planError } = event;
  return { destination: destination.name, trigger: `${event.source}/${event.trigger}`, planError, jobs };
}

/** By the trigger that is named like the message's type, else by the first there is. */
function plannedBy(app: Application, message: JsonObject): PlannedEvent {
  const all = app.sources.flatMap((source) => source.triggers.map((trigger) => ({ source, trigger })));
  const found = all.find(({ trigger }) => trigger.name === message['type']) ?? all[0];
  if (!found) throw new FragmentError('FRAGMENT_CLI_USAGE', { detail: 'No source has a trigger.' });
  return planned(app, found.source.name, found.trigger.name, extractionOf(message));
}

const jobsFor = (event: PlannedEvent, { name }: Destination): readonly PlannedJob[] =>
  event.jobs.filter(({ destination }) => destination === name);

function jobOf(event: PlannedEvent, destination: Destination, actionName: string): PlannedJob {
  const action = named('action', actionName, destination.actions);
  const data = action.marshal?.(event, { action: action.name });
  return { seq: 0, destination: destination.name, action: action.name, ...(data !== undefined && { data }) };
}

async function load(
  destination: Destination,
  event: PlannedEvent,
  message: JsonObject,
  jobs: readonly PlannedJob[],
  toolkit: LoadToolkit,
  send: boolean,
): Promise<readonly TriedJob[]> {
  await init(destination, toolkit, send);
  try {
    const tried: TriedJob[] = [];
    for (const job of jobs) tried.push(await loadOne(destination, event, message, job, toolkit));
    return tried;
  } finally {
    await destination.shutdown?.(toolkit);
  }
}

/** Without a network some cannot begin as they would like to; what they would send can still be seen. */
async function init(destination: Destination, toolkit: LoadToolkit, send: boolean): Promise<void> {
  try {
    await destination.init?.(toolkit);
  } catch (cause) {
    if (send) throw new FragmentError('FRAGMENT_PLUGIN_INIT_FAILED', { detail: destination.name, cause });
    toolkit.logger.warn({ destination: destination.name }, 'its init failed, for want of a network perhaps');
  }
}

async function loadOne(
  destination: Destination,
  event: PlannedEvent,
  message: JsonObject,
  job: PlannedJob,
  toolkit: LoadToolkit,
): Promise<TriedJob> {
  const action = named('action', job.action, destination.actions);
  const leased = leasedOf(event, job);
  const { result, exchanges } = await watched(() => resultOf(action, leased, toolkit));
  const fields = exchanges.flatMap(({ request }) => mappedFields(request, message));
  return { action: action.name, result, exchanges, fields };
}

async function resultOf(action: Action, job: LeasedJob, toolkit: LoadToolkit): Promise<JobResult> {
  try {
    const results = await action.load([job], toolkit);
    const own = results.find((result) => result.job === job.id);
    return own ?? failed(job, 'FRAGMENT_DELIVERY_NO_RESULT', 'load returned without naming the job');
  } catch (error) {
    return failed(job, 'FRAGMENT_DELIVERY_THREW', error instanceof Error ? error.message : String(error));
  }
}

const failed = (job: LeasedJob, code: string, message: string): JobResult => ({
  job: job.id,
  outcome: 'failed',
  error: { code, message },
});

function leasedOf(event: PlannedEvent, job: PlannedJob): LeasedJob {
  const id = `${event.id}.${job.seq}`;
  return {
    id,
    token: newId(),
    attempt: 1,
    countedAttempts: 0,
    destination: job.destination,
    action: job.action,
    ...(job.version !== undefined && { version: job.version }),
    ...(job.data !== undefined && { data: job.data }),
    event,
    idempotencyKey: `${event.messageId ?? event.id}:${id}`,
    depth: 0,
    dueAt: event.receivedAt,
    createdAt: event.receivedAt,
  };
}

function named<T extends { readonly name: string }>(kind: string, name: string, all: readonly T[]): T {
  const found = all.find((one) => one.name === name);
  if (found) return found;
  const known = all.map((one) => one.name).join(', ');
  throw new FragmentError('FRAGMENT_CLI_USAGE', {
    detail: `There is no ${kind} '${name}'; there is ${known}.`,
  });
}
