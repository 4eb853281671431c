import type { Action, JobResult, LeasedJob } from '@fragment/core';
import { resultFor } from '@fragment/http-client';
import { mapTrack } from '../mapping/track.js';
import { paths } from '../vendor.js';
import { readMemberEvent } from './answers.js';
import { messageOf, undeliverable, type Api } from './api.js';

/** Adds an event to a member. Mailchimp has no key to recognise a repeat by: after a lost answer it may stand there twice. */
export function trackAction(api: Api): Action {
  return {
    name: 'track',
    load: (jobs, t) => Promise.all(jobs.map((job) => deliver(job, api, t.signal))),
  };
}

async function deliver(
  job: LeasedJob,
  { settings, client, turns }: Api,
  signal: AbortSignal,
): Promise<JobResult> {
  const read = messageOf(job);
  const mapped = 'invalid' in read ? read : mapTrack(read.message, settings.mapping);
  if ('invalid' in mapped) return undeliverable(job, mapped.invalid);
  const { contact, body } = mapped;
  const path = paths.memberEvents(contact.audienceId, contact.hash);
  const reply = await turns.run(
    () => client.request({ method: 'POST', path, json: body, signal }),
    `${contact.audienceId}/${contact.hash}`,
  );
  return resultFor(job.id, readMemberEvent(reply, contact));
}
