import type { JobResult, LeasedJob } from '@fragment/core';
import { encodeJson, resultFor, verdictFor, type HttpReply, type JobVerdict } from '@fragment/http-client';
import type { MappedUpsert } from '../mapping/identify.js';

/** All that a call says of one contact, and who says it. */
export interface ContactWrite extends MappedUpsert {
  readonly parts: readonly Part[];
}

/** What the message of one job says of a contact. */
export interface Part {
  readonly job: LeasedJob;
  readonly says: MappedUpsert;
}

/** What became of a contact. */
export interface Fate {
  readonly verdict: JobVerdict;
  /** The request that decided. Absent: the contact was in none. */
  readonly by?: Exchanged;
}

/** A request that may have been made for several jobs, and its answer. */
export interface Exchanged {
  readonly reply: HttpReply;
  readonly jobs: number;
  /** What a part comes to in the body. */
  readonly sent: (says: MappedUpsert) => object;
  /** What the answer says of this contact, and is of no other job's making. Default nothing. */
  readonly answered?: () => object;
}

/** Each job keeps what it had itself sent, also where one contact was written for several. */
export function resultsFor({ parts }: ContactWrite, { verdict, by }: Fate): JobResult[] {
  return parts.map(({ job, says }) => resultFor(job.id, by ? shareOf(verdict, by, says) : verdict));
}

function shareOf(verdict: JobVerdict, by: Exchanged, says: MappedUpsert): JobVerdict {
  const { reply, jobs, sent, answered } = by;
  return verdictFor(verdict, reply, {
    of: jobs,
    sent: () => encodeJson(sent(says)),
    ...(answered && { answered }),
  });
}
