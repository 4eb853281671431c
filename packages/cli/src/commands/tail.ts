import { EXIT } from '../exit-codes.js';
import type { TailFlags } from '../flags.js';
import { whereOf } from '../operate/filter.js';
import { withOperator } from '../operate/open.js';
import type { EventView, JobView } from '../operate/views.js';
import { printable } from '../output.js';
import { untilStopped } from '../until-stopped.js';

/** Follows events and what becomes of their jobs. Ctrl-C is how it ends, so that is no failure. */
export async function tail(flags: TailFlags): Promise<number> {
  const where = whereOf(flags);
  await untilStopped((signal) =>
    withOperator(flags, async (operator) => {
      process.stderr.write('Following. Ctrl-C ends it.\n');
      let left = flags.limit ?? Infinity;
      const told = new Told();
      for await (const event of operator.tail(where, signal)) {
        for (const line of flags.json ? [JSON.stringify(event)] : told.linesOf(event)) {
          process.stdout.write(`${line}\n`);
          left -= 1;
          if (left === 0) return;
        }
      }
    }),
  );
  return EXIT.ok;
}

/** Events whose jobs are remembered. */
const REMEMBERED = 1_000;

/** Says of each event what has not been said of it yet. */
class Told {
  readonly #states = new Map<string, ReadonlyMap<string, string>>();

  linesOf(event: EventView): string[] {
    const before = this.#states.get(event.id);
    this.#states.set(event.id, new Map(event.jobs.map((job) => [job.id, stateOf(job)])));
    const [oldest] = this.#states.keys();
    if (this.#states.size > REMEMBERED && oldest !== undefined) this.#states.delete(oldest);
    if (event.jobs.length === 0) return before ? [] : [lineOf(event, event.plan_error ?? 'no jobs')];
    return event.jobs
      .filter((job) => before?.get(job.id) !== stateOf(job))
      .map((job) => lineOf(event, `-> ${describe(job)}`));
  }
}

const stateOf = ({ status, attempt }: JobView): string => `${status}:${attempt}`;

function lineOf(event: EventView, what: string): string {
  const { received_at, type, trigger, name, user_id, anonymous_id } = event;
  return printable(
    [timeOf(new Date(received_at)), type ?? trigger, name ?? '', user_id ?? anonymous_id ?? '', what]
      .filter(Boolean)
      .join('  '),
  );
}

/** By the clock on the wall; with its day where that is not today: something happens to an event of another day. */
function timeOf(at: Date): string {
  const time = at.toTimeString().slice(0, 8);
  if (at.toDateString() === new Date().toDateString()) return time;
  const day = [at.getFullYear(), at.getMonth() + 1, at.getDate()].map((part) =>
    String(part).padStart(2, '0'),
  );
  return `${day.join('-')} ${time}`;
}

function describe({ destination, status, error, started_at, finished_at }: JobView): string {
  const took =
    started_at === null || finished_at === null
      ? ''
      : `${Date.parse(finished_at) - Date.parse(started_at)} ms`;
  return [destination, status, took, error && status !== 'succeeded' ? error.code : '']
    .filter(Boolean)
    .join('  ');
}
