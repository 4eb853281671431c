import type { FakeRequest } from '../vendors/fake-vendor.js';
import { withScene, type DestinationUnderTest } from './delivery.js';
import { jobsOf, type Message } from './jobs.js';
import { requiredOnly, type GeneratedType } from './messages.js';

/** Persons with one job each, and jobs of one person more: what is collected for one request, or for one record. */
const PERSONS = 20;
const OF_ONE_PERSON = 4;

/** The fake's own rules, and then what a vendor may say: everything it was sent, in one form or the other. */
const ANSWERS = [undefined, 200, 400, 401, 429, 500] as const;
const echoes: readonly ((request: FakeRequest) => unknown)[] = [
  ({ text }) => `It is about ${text}`,
  ({ text, body }) => ({ message: text, error: { message: text }, errors: [body], data: body }),
];

/**
 * What is kept of one job holds nothing of the jobs beside it, whatever the vendor repeats: a user who is erased would
 * live on in the records of others.
 */
export async function checkOthers(
  suite: DestinationUnderTest,
  type: GeneratedType,
  secrets: readonly string[],
): Promise<void> {
  const marks = Array.from({ length: PERSONS + OF_ONE_PERSON }, (_, n) => markOf(n));
  const messages = marks.map((mark, n) => marked(type, mark, n < PERSONS ? mark : 'one-person'));
  const problems = new Set<string>();
  for (const [index, status] of ANSWERS.entries()) {
    await withScene(suite, {}, async ({ fake, load }) => {
      const bodyFor = echoes[index % echoes.length];
      if (status !== undefined && bodyFor) fake.script({ status, bodyFor, times: 1_000 });
      for (const [n, result] of (await load(jobsOf(messages, suite.name))).entries()) {
        const shown = JSON.stringify(result);
        const others = marks.filter((mark, other) => other !== n && shown.includes(mark));
        const after =
          status === undefined ? 'taken or refused by the rules of the fake' : `answered ${status}`;
        if (others.length > 0)
          problems.add(`${after}, a job shows ${others.length} others: ${shown.slice(0, 2_000)}`);
        if (secrets.some((secret) => shown.includes(secret)))
          problems.add(`${after}, a secret is shown: ${shown.slice(0, 2_000)}`);
      }
    });
  }
  if (problems.size > 0) throw new Error([...problems].slice(0, 5).join('\n'));
}

/** A text that no other message has, of letters alone, so that no encoding changes it. */
const markOf = (n: number): string => `mark${String.fromCharCode(97 + (n % 26))}ed`;

/** The message of a person, with the mark in whatever a destination may send. */
function marked(type: GeneratedType, mark: string, person: string): Message {
  const traits = { email: `${person}@fragment-tests.io`, firstName: mark, lastName: mark, title: mark };
  const properties = { order_id: mark, name: mark, category: mark };
  const own: Readonly<Record<GeneratedType, Message>> = {
    identify: { traits },
    track: { event: `Saw ${mark}`, properties },
    page: { name: mark, category: mark, properties },
    screen: { name: mark, category: mark, properties },
    group: { groupId: mark, traits: { name: mark } },
    alias: { previousId: mark },
  };
  return {
    ...requiredOnly(type),
    messageId: mark,
    userId: person,
    context: { traits, page: { title: mark } },
    ...own[type],
  };
}
