import type { JobResult } from '@fragment/core';
import type { FakeRequest } from '../vendors/fake-vendor.js';
import type { DestinationCase, ExpectedOutcome, ExpectedRequest, LoadedCase } from './case.js';
import { asSent, script, withScene, type DestinationUnderTest } from './delivery.js';
import { differences } from './difference.js';
import { jobsOf, withDefaults, type Message } from './jobs.js';
import { leadsInto, leadsIntoPartOf, without } from './paths.js';

/** @throws {Error} naming the case and every place where the destination does something else. */
export async function runCase(suite: DestinationUnderTest, one: DestinationCase | LoadedCase): Promise<void> {
  const problems = await withScene(suite, one.options ?? {}, async ({ fake, load }) => {
    script(fake, one.answers ?? []);
    const results = await load(jobsOf(one.events, suite.name));
    return [
      ...wrongRequests(one, fake.requests),
      ...wrongOutcomes(one, results),
      ...unprovenRows(one, fake.requests),
      ...unaskedAnswers(one, fake.requests.length),
    ];
  });
  if (problems.length === 0) problems.push(...(await idleRows(suite, one)));
  const where = 'file' in one ? `${one.file}: ` : '';
  if (problems.length > 0) throw new Error(`${where}"${one.name}"\n  ${problems.slice(0, 30).join('\n  ')}`);
}

function wrongRequests({ requests: expected }: DestinationCase, sent: readonly FakeRequest[]): string[] {
  if (!expected) return [];
  const problems = expected.flatMap((request, index) => {
    const actual = sent[index];
    const path = `requests[${index}]`;
    return actual ? wrongRequest(request, actual, path) : [`${path}: ${request.path} was not sent`];
  });
  const more = sent.slice(expected.length).map(asSent);
  return [
    ...problems,
    ...more.map(
      ({ method, path, body }, index) =>
        `requests[${expected.length + index}]: ${method} ${path} was not expected: ${JSON.stringify(body ?? null)}`,
    ),
  ];
}

function wrongRequest(expected: ExpectedRequest, request: FakeRequest, path: string): string[] {
  const actual = asSent(request);
  const { method, path: route, query = {}, headers = {} } = expected;
  const named = Object.keys(headers).map((name) => [name, actual.headers[name.toLowerCase()]]);
  return [
    ...differences(method, actual.method, `${path}.method`),
    ...differences(route, actual.path, `${path}.path`),
    ...differences(query, actual.query, `${path}.query`),
    ...differences(headers, Object.fromEntries(named), `${path}.headers`),
    ...('body' in expected ? differences(expected.body, actual.body, `${path}.body`) : []),
  ];
}

function wrongOutcomes({ events, outcomes }: DestinationCase, results: readonly JobResult[]): string[] {
  return events.flatMap((_, index) => {
    const result = results[index];
    const expected = outcomes?.[index] ?? { outcome: 'succeeded' };
    return result ? wrongOutcome(expected, result, `outcomes[${index}]`) : [];
  });
}

function wrongOutcome(expected: ExpectedOutcome, result: JobResult, path: string): string[] {
  const { message, ...exact } = expected;
  const error = result.outcome === 'succeeded' ? undefined : result.error;
  const actual: Record<string, unknown> = { ...error, ...result };
  const wrong = Object.entries(exact).flatMap(([key, value]) =>
    differences(value, actual[key], `${path}.${key}`),
  );
  const told = error?.message ?? '';
  if (message !== undefined && !told.includes(message))
    wrong.push(`${path}.message: ${JSON.stringify(told)} does not hold ${JSON.stringify(message)}`);
  // Whoever reads that it failed wants to know of what.
  if (wrong.length > 0 && error) wrong.push(`${path}: the error was ${JSON.stringify(error)}`);
  return wrong;
}

function unprovenRows(one: DestinationCase, sent: readonly FakeRequest[]): string[] {
  const messages = one.events.map((message, index) => withDefaults(message, index + 1));
  const requests = sent.map(asSent);
  return (one.maps ?? []).flatMap(({ to, from }, index) => [
    ...(messages.some((message) => leadsInto(message, from))
      ? []
      : [`maps[${index}].from: no message has ${from}`]),
    ...(requests.some((request) => leadsIntoPartOf(request, to))
      ? []
      : [`maps[${index}].to: no request has ${to}`]),
  ]);
}

/**
 * A row says that a field is made from another. So without the other the requests are not the same, or the row is a
 * coincidence that would stay in the table when the mapping is gone.
 */
async function idleRows(suite: DestinationUnderTest, one: DestinationCase): Promise<string[]> {
  const { maps = [], events, answers = [], options = {} } = one;
  const sent = (messages: readonly Message[]): Promise<readonly FakeRequest[]> =>
    withScene(suite, options, async ({ fake, load }) => {
      script(fake, answers);
      await load(jobsOf(messages, suite.name));
      return fake.requests;
    });
  // A message's type is its job's action, which cannot be taken away.
  const rows = maps.map((row, index) => ({ ...row, index })).filter(({ from }) => from !== 'type');
  const usual = rows.length > 0 ? await sent(events) : [];
  const problems: string[] = [];
  for (const { to, from, index } of rows) {
    const changed = events.map((message, n) => lacking(withDefaults(message, n + 1), from));
    if (comparable(await sent(changed), to) === comparable(usual, to))
      problems.push(`maps[${index}]: ${to} is not made from ${from}: without it the same is sent`);
  }
  return problems;
}

/** Headers hold ports and times, so only one that the row speaks of counts. */
function comparable(requests: readonly FakeRequest[], to: string): string {
  const header = /^headers\.(.+)$/.exec(to)?.[1]?.toLowerCase();
  return JSON.stringify(
    requests.map((request) => ({
      ...asSent(request),
      headers: header === undefined ? undefined : request.headers[header],
    })),
  );
}

/** The message without the field. Those that every stored event has get another value instead. */
function lacking(message: Message, path: string): Message {
  if (path === 'messageId') return { ...message, messageId: 'another-message' };
  if (path === 'timestamp') return { ...message, timestamp: '2020-02-02T02:02:02.222Z' };
  return without(message, path);
}

function unaskedAnswers({ answers = [] }: DestinationCase, asked: number): string[] {
  return answers.length > asked
    ? [`answers[${asked}]: was never asked for, there were ${asked} requests`]
    : [];
}
