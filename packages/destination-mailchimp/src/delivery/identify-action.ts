import type { Action, JobResult, LeasedJob, LoadToolkit } from '@fragment/core';
import { mapIdentify, merged, type MappedUpsert } from '../mapping/identify.js';
import { maxContacts } from '../options.js';
import { messageOf, undeliverable, type Api } from './api.js';
import { mayGoTogether, subscribeNew } from './batch-subscribe.js';
import { Call } from './call.js';
import { resultsFor, type ContactWrite } from './contact-write.js';
import { upsert } from './upsert.js';

/** Adds or updates contacts: those of one call by one write each, the new among many by one request for all. */
export function identifyAction(api: Api): Action {
  const { maxWaitMs } = api.settings;
  return {
    name: 'identify',
    batch: { maxJobs: maxContacts, maxWaitMs },
    load: (jobs, t) => load(jobs, api, t),
  };
}

async function load(jobs: readonly LeasedJob[], api: Api, t: LoadToolkit): Promise<JobResult[]> {
  const call = new Call(t);
  const { writes, undelivered } = contactsOf(jobs, api);
  const { together, alone } = divided([...writes.values()], api);
  const results = await Promise.all([
    ...together.map((group) => writeTogether(group, api, call)),
    ...alone.map(async (write) => resultsFor(write, await upsert(write, api, call))),
  ]);
  return [...undelivered, ...results.flat()];
}

/** One write for each contact of an audience, with what all its jobs say, in their order. */
function contactsOf(
  jobs: readonly LeasedJob[],
  { settings }: Api,
): { writes: ReadonlyMap<string, ContactWrite>; undelivered: JobResult[] } {
  const writes = new Map<string, ContactWrite>();
  const undelivered: JobResult[] = [];
  for (const job of jobs) {
    const read = messageOf(job);
    const mapped = 'invalid' in read ? read : mapIdentify(read.message, settings.mapping);
    if ('invalid' in mapped) {
      undelivered.push(undeliverable(job, mapped.invalid));
      continue;
    }
    const { audienceId, hash } = mapped.contact;
    const key = `${audienceId}/${hash}`;
    writes.set(key, joined(writes.get(key), mapped, job));
  }
  return { writes, undelivered };
}

function joined(earlier: ContactWrite | undefined, says: MappedUpsert, job: LeasedJob): ContactWrite {
  const part = { job, says };
  return earlier ? { ...merged(earlier, says), parts: [...earlier.parts, part] } : { ...says, parts: [part] };
}

/** Many contacts of one audience go together. */
function divided(
  writes: readonly ContactWrite[],
  { settings }: Api,
): { together: readonly ContactWrite[][]; alone: readonly ContactWrite[] } {
  const { batchSubscribe: least } = settings;
  if (least === false) return { together: [], alone: writes };
  const groups = new Map<string, ContactWrite[]>();
  for (const write of writes.filter(mayGoTogether)) {
    const group = groups.get(write.contact.audienceId) ?? [];
    groups.set(write.contact.audienceId, [...group, write]);
  }
  const together = [...groups.values()].filter((group) => group.length >= least);
  const gone = new Set(together.flat());
  return { together, alone: writes.filter((write) => !gone.has(write)) };
}

async function writeTogether(
  group: readonly ContactWrite[],
  api: Api,
  call: Call,
): Promise<readonly JobResult[]> {
  const known = await subscribeNew(group, api, call);
  const results = group.map(async (write) =>
    resultsFor(write, known.get(write.contact.hash) ?? (await upsert(write, api, call))),
  );
  return (await Promise.all(results)).flat();
}
