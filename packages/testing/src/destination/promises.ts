import type { JobResult, LeasedJob } from '@fragment/core';
import type { FakeRequest } from '../vendors/fake-vendor.js';
import { waitFor } from '../wait/wait-for.js';
import { asSent, script, withScene, type DestinationUnderTest } from './delivery.js';
import { differences } from './difference.js';
import { hostileMessage, randomOf } from './hostile.js';
import { jobsOf, type Message } from './jobs.js';
import { allFields, invalidMessages, type GeneratedType } from './messages.js';

function refuse(problems: readonly string[]): void {
  if (problems.length > 0) throw new Error(problems.slice(0, 30).join('\n'));
}

/** What one message of each kind leads to, for a snapshot. */
export async function tracesOf(suite: DestinationUnderTest, message: Message): Promise<unknown> {
  return withScene(suite, {}, async ({ fake, load }) => {
    const results = await load(jobsOf([message], suite.name));
    const requests = fake.requests.map((request) => {
      const { method, path, query, body } = asSent(request);
      return { method, path, ...(Object.keys(query).length > 0 && { query }), body };
    });
    return { outcomes: results.map(summaryOf), requests };
  });
}

const summaryOf = (result: JobResult): string =>
  result.outcome === 'succeeded'
    ? result.outcome
    : `${result.outcome}: ${result.error.code}: ${result.error.message}`;

/** A second try of the same jobs, in a process that knows nothing of the first, sends the same. */
export async function checkRepeat(
  suite: DestinationUnderTest,
  types: readonly GeneratedType[],
  identity: (request: FakeRequest) => unknown,
): Promise<void> {
  const messages = types.map((type, index) => allFields(type, index + 1));
  const sent = (attempt: number) =>
    withScene(suite, {}, async ({ fake, load }) => {
      await load(jobsOf(messages, suite.name, attempt));
      return fake.requests.map((request) => ({
        method: request.method,
        path: request.path,
        query: request.query.toString(),
        identity: identity(request),
      }));
    });
  refuse(differences(await sent(1), await sent(2), 'requests'));
}

/** What can be seen to be wrong costs no request, and is never left to the vendor to find. */
export async function checkInvalid(
  suite: DestinationUnderTest,
  types: readonly GeneratedType[],
): Promise<void> {
  const problems: string[] = [];
  for (const message of types.flatMap(invalidMessages)) {
    await withScene(suite, {}, async ({ fake, load }) => {
      const [result] = await load(jobsOf([message], suite.name));
      const shown = JSON.stringify(message);
      if (result?.outcome === 'failed') problems.push(`${shown} failed: it would be tried for days`);
      if (result?.outcome !== 'discarded') return;
      if (fake.requests.length > 0) problems.push(`${shown} cost ${fake.requests.length} requests`);
      if (result.error.status !== undefined) problems.push(`${shown} was refused by the vendor only`);
    });
  }
  refuse(problems);
}

/** How many hostile messages stand between two good ones. */
const HOSTILE = 12;
const ROUNDS = 5;

/** Whatever a message holds: nothing throws, it is not tried for days, and the messages around it are none the worse. */
export async function checkHostile(
  suite: DestinationUnderTest,
  type: GeneratedType,
  seed: number,
): Promise<void> {
  const random = randomOf(seed);
  const good = [allFields(type, 1), allFields(type, 2)] as const;
  const usual = await withScene(suite, {}, async ({ load }) =>
    (await load(jobsOf(good, suite.name))).map(summaryOf),
  );
  const problems: string[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const hostile = Array.from({ length: HOSTILE }, (_, n) => hostileMessage(type, 10 + n, random));
    const jobs = withBrokenText(jobsOf([good[0], ...hostile, good[1]], suite.name));
    const results = await withScene(suite, {}, ({ load }) => load(jobs));
    const ends = [results[0], results.at(-1)].map((result) => result && summaryOf(result));
    problems.push(...differences(usual, ends, `round ${round}: the messages around hostile ones`));
    for (const [index, result] of results.entries()) {
      if (result.outcome === 'failed')
        problems.push(
          `round ${round}, message ${index} would be tried for days: ${summaryOf(result)}: ${String(jobs[index]?.event.data.slice(0, 2_000))}`,
        );
    }
  }
  if (Object.hasOwn(Object.prototype, 'polluted')) problems.push('a message changed Object.prototype');
  refuse(problems);
}

/** The second message's stored text is no JSON at all, as another source may have left it. */
function withBrokenText(jobs: readonly LeasedJob[]): readonly LeasedJob[] {
  return jobs.map((job, index) =>
    index === 1 ? { ...job, event: { ...job.event, data: '{"half":' } } : job,
  );
}

/** A vendor that echoes a key, in whatever answer, must not bring it into what is stored, shown or logged. */
export async function checkSecrets(
  suite: DestinationUnderTest,
  type: GeneratedType,
  secrets: readonly string[],
): Promise<void> {
  const forms = secrets.flatMap((secret) => [
    secret,
    encodeURIComponent(secret),
    Buffer.from(secret).toString('base64'),
    Buffer.from(`${secret}:`).toString('base64'),
    Buffer.from(`:${secret}`).toString('base64'),
  ]);
  const problems: string[] = [];
  for (const status of [200, 400, 401, 403, 404, 429, 500]) {
    await withScene(suite, {}, async ({ fake, load, destination, logged }) => {
      script(fake, [
        { status, text: `Invalid key: ${forms.join(' ')}` },
        { status, json: { error: { message: `bad ${forms.join(' ')}`, key: secrets } } },
      ]);
      const results = await load(jobsOf([allFields(type)], suite.name));
      const shown = JSON.stringify({ results, logged, options: destination.options, name: destination.name });
      for (const form of forms) {
        if (shown.includes(form))
          problems.push(`after ${status}, a secret is shown: ${shown.slice(0, 2_000)}`);
      }
    });
  }
  refuse([...new Set(problems)]);
}

/** Far more than an abort takes. */
const GRACE_MS = 2_000;

/** A call whose time is over ends, and none of its jobs is said to be done. */
export async function checkSignal(suite: DestinationUnderTest, type: GeneratedType): Promise<void> {
  await withScene(suite, {}, async ({ fake, load }) => {
    const stopping = new AbortController();
    fake.hang();
    const called = load(jobsOf([allFields(type)], suite.name), stopping.signal).then(
      (results) => results.map(summaryOf),
      // A throw fails every job of the call, which is right as well.
      () => ['failed'],
    );
    let ended = false;
    void called.then(() => (ended = true));
    await waitFor(() => ended || fake.requests.length > 0);
    const hanging = fake.requests.length > 0;
    stopping.abort();
    await waitFor(() => ended, { timeoutMs: GRACE_MS, message: 'the aborted call ends' });
    const outcomes = await called;
    if (hanging && !outcomes.every((outcome) => outcome.startsWith('failed')))
      throw new Error(`no answer came, and the job ${outcomes.join()}`);
  });
}
