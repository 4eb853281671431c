import { EXIT } from '../exit-codes.js';
import type { TestFlags } from '../flags.js';
import { indented, printable, printJson, table } from '../output.js';
import { quietFragment } from '../quiet.js';
import { readMessage } from '../trial/message.js';
import { tryOut, type Trial, type TriedJob } from '../trial/trial.js';

/** Shows what a destination makes of an event, without storing anything and, unless told so, without sending anything. */
export async function test(destination: string, flags: TestFlags): Promise<number> {
  const message = await readMessage(flags.event);
  const { fragment } = await quietFragment(flags);
  const send = flags.send ?? false;
  try {
    const trial = await tryOut(fragment.app, message, { destination, action: flags.action, send });
    if (flags.json) printJson(documentOf(trial, send));
    else process.stdout.write(textOf(trial));
    if (!send) process.stderr.write('Nothing was sent: --send does that.\n');
    return trial.jobs.length > 0 && trial.jobs.every((job) => isGood(job, send)) ? EXIT.ok : EXIT.failed;
  } finally {
    await fragment.stop();
  }
}

/** Without a network a request is all that can be hoped for. */
const isGood = ({ result, exchanges }: TriedJob, send: boolean): boolean =>
  result.outcome === 'succeeded' || (!send && result.outcome === 'failed' && exchanges.length > 0);

const documentOf = ({ destination, trigger, planError, jobs }: Trial, sent: boolean) => ({
  destination,
  trigger,
  plan_error: planError ?? null,
  sent,
  jobs: jobs.map(({ action, result, exchanges, fields }) => ({
    action,
    outcome: result.outcome,
    error: result.outcome === 'succeeded' ? null : { code: result.error.code, message: result.error.message },
    exchanges,
    fields,
  })),
});

function textOf(trial: Trial): string {
  const { destination, trigger, planError, jobs } = trial;
  if (planError !== undefined) return `The flows of ${trigger} failed: ${printable(planError)}\n`;
  if (jobs.length > 0) return jobs.map((job) => jobText(destination, trigger, job)).join('\n');
  return `No job: the flows of ${trigger} plan nothing for ${destination}. --action names an action all the same.\n`;
}

function jobText(
  destination: string,
  trigger: string,
  { action, result, exchanges, fields }: TriedJob,
): string {
  const lines = [`${destination}/${action}, by ${trigger}`];
  for (const { request, status, response, error } of exchanges) {
    lines.push('', 'Request', indented(request), '', 'Response');
    lines.push(indented(status === undefined ? (error ?? 'none') : `${status}\n${response ?? ''}`));
  }
  const why =
    result.outcome === 'succeeded' ? '' : `  ${result.error.code}: ${printable(result.error.message)}`;
  lines.push('', `Outcome  ${result.outcome}${why}`);
  if (fields.length > 0) lines.push('', 'Fields (sent, value, from the event)', fieldTable(fields));
  return `${lines.join('\n').trimEnd()}\n`;
}

const fieldTable = (fields: TriedJob['fields']): string =>
  table(
    fields.map(({ to, value, from }) => [
      `  ${printable(to)}`,
      printable(JSON.stringify(value)),
      printable(from ?? ''),
    ]),
  );
