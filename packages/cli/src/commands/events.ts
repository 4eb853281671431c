import { EXIT } from '../exit-codes.js';
import type { OperatorFlags, SearchFlags, SendFlags } from '../flags.js';
import type { EventDetail } from '../operate/detail-views.js';
import { whereOf } from '../operate/filter.js';
import { withOperator } from '../operate/open.js';
import type { EventView } from '../operate/views.js';
import { indented, printable, printJson, table } from '../output.js';
import { givenMessage } from '../trial/message.js';
import { jobText } from './jobs.js';
import { list } from './listing.js';

export async function listEvents(flags: SearchFlags): Promise<number> {
  const where = whereOf(flags, 'events');
  return list(flags, (operator, page) => operator.findEvents(where, page), { noun: 'event', row: rowOf });
}

const rowOf = (event: EventView): string[] => [
  event.received_at,
  event.id,
  printable(event.type ?? event.trigger),
  printable(event.name ?? ''),
  printable(event.user_id ?? event.anonymous_id ?? ''),
  outcomeOf(event),
];

/** `2 succeeded, 1 discarded`, or why there are no jobs. */
function outcomeOf({ jobs, plan_error }: EventView): string {
  if (jobs.length === 0) return printable(plan_error ?? 'no jobs');
  const statuses = [...new Set(jobs.map(({ status }) => status))];
  return statuses
    .map((status) => `${jobs.filter((job) => job.status === status).length} ${status}`)
    .join(', ');
}

/** Shows an event with what it carries, and its jobs with their histories. */
export async function showEvent(id: string, flags: OperatorFlags): Promise<number> {
  const event = await withOperator(flags, (operator) => operator.findEvent(id));
  if (flags.json) printJson(event);
  else process.stdout.write(eventText(event));
  return EXIT.ok;
}

function eventText(event: EventDetail): string {
  const facts = [
    ['event', event.id],
    ['by', `${event.source}/${event.trigger}`],
    ['type', event.type],
    ['name', event.name],
    ['user', event.user_id],
    ['anonymous', event.anonymous_id],
    ['message', event.message_id],
    ['happened', event.timestamp],
    ['received', event.received_at],
    ['batch', event.parent_event_id],
    ['plan error', event.plan_error],
  ].flatMap(([name = '', value]) => (value ? [[name ?? '', printable(value)]] : []));
  const context = event.context === null ? '' : `context\n${json(event.context)}`;
  const jobs = event.jobs.map((job) => `\n${jobText(job)}`).join('') || '\nNo jobs.\n';
  return `${table(facts)}data\n${json(event.data)}${context}${jobs}`;
}

const json = (value: unknown): string => `${indented(JSON.stringify(value, undefined, 2))}\n`;

/** Takes a message in as if it had been sent. What became of its jobs is told by `events show`. */
export async function sendEvent(given: string, flags: SendFlags): Promise<number> {
  const message = await givenMessage(given);
  const { source, destination } = flags;
  const sent = await withOperator(flags, (operator) =>
    operator.sendTest(message, {
      ...(source !== undefined && { source }),
      ...(destination !== undefined && { destination }),
    }),
  );
  if (flags.json) printJson(sent);
  else {
    const jobs = sent.jobs.map(({ id, destination: to, action }) => [`  ${id}`, `${to}/${action}`]);
    process.stdout.write(`Event ${sent.event_id}: ${sent.outcome}${jobs.length === 0 ? ', no jobs' : ''}.\n`);
    process.stdout.write(table(jobs));
  }
  return sent.outcome === 'refused' ? EXIT.failed : EXIT.ok;
}
