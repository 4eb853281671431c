import { EXIT } from '../exit-codes.js';
import type { OperatorFlags, SearchFlags } from '../flags.js';
import type { JobDetail, TransitionView } from '../operate/detail-views.js';
import { whereOf } from '../operate/filter.js';
import { withOperator } from '../operate/open.js';
import type { JobView } from '../operate/views.js';
import { indented, printable, printJson, table } from '../output.js';
import { list } from './listing.js';

export async function listJobs(flags: SearchFlags): Promise<number> {
  const where = whereOf(flags);
  return list(flags, (operator, page) => operator.findJobs(where, page), { noun: 'job', row: rowOf });
}

const rowOf = (job: JobView): string[] => [
  job.created_at,
  job.id,
  `${job.destination}/${job.action}`,
  job.status,
  `${job.attempt}x`,
  errorText(job.error),
];

/** Shows a job with every change of its status, what was sent and what came back. */
export async function showJob(id: string, flags: OperatorFlags): Promise<number> {
  const job = await withOperator(flags, (operator) => operator.findJob(id));
  if (flags.json) printJson(job);
  else process.stdout.write(`${table([['event', job.event_id]])}${jobText(job)}`);
  return EXIT.ok;
}

/** A job for people: what it is, then its history, oldest first. */
export function jobText(job: JobDetail): string {
  const facts = [
    ['job', job.id],
    ['to', `${job.destination}/${job.action}`],
    ['status', [`${job.status}, ${job.attempt}x`, errorText(job.error)].filter(Boolean).join('  ')],
    ...(isWaiting(job) ? [['due', job.due_at]] : []),
    ...(job.parent_job_id === '' ? [] : [['follows', job.parent_job_id]]),
  ];
  const data = job.data === null ? '' : `data\n${indented(JSON.stringify(job.data, undefined, 2))}\n`;
  return `${table(facts)}${data}${job.transitions.map(transitionText).join('')}`;
}

const isWaiting = ({ status }: JobView): boolean => ['awaiting', 'failed', 'unknown'].includes(status);

function transitionText({ created_at, state_after, attempt, error, exchange }: TransitionView): string {
  const line = [created_at, state_after, attempt === 0 ? '' : `try ${attempt}`, errorText(error)];
  const parts = [`  ${line.filter(Boolean).join('  ')}`];
  if (exchange?.request != null) parts.push('    request', indented(exchange.request, 6));
  if (exchange?.response != null) {
    const status = exchange.status === null ? '' : `  ${exchange.status}`;
    parts.push(`    response${status}`, indented(exchange.response, 6));
  } else if (exchange?.status != null) parts.push(`    response  ${exchange.status}`);
  return `${parts.join('\n')}\n`;
}

const errorText = (error: JobView['error']): string =>
  error ? printable(`${error.code}: ${error.message}`) : '';
