import { readFileSync } from 'node:fs';
import pg from 'pg';
import type { RunningPart } from '../processes.js';
import type { Question } from './questions.js';

export interface Cost {
  readonly name: string;
  readonly kind: Question['kind'];
  /** CPU milliseconds of one answer, the scheduler's and the database's together. */
  readonly cpuMs: number;
}

const TIMES = 10;

/**
 * What each question costs, one after the other while nothing else is asked: CPU time hardly depends on what else the
 * machine does, and is what an answer takes at least where everything is in memory.
 */
export async function costs(
  base: string,
  questions: readonly Question[],
  o: { readonly postgres: string; readonly scheduler: RunningPart },
): Promise<readonly Cost[]> {
  const client = new pg.Client({ connectionString: o.postgres });
  await client.connect();
  const spent = async (): Promise<number> => {
    const { rows } = await client.query<{ pid: number }>(
      "select pid from pg_stat_activity where application_name = 'fragment admin'",
    );
    return rows.reduce((sum, { pid }) => sum + cpuSecondsOf(pid), o.scheduler.cpuSeconds() ?? 0);
  };
  const list: Cost[] = [];
  try {
    for (const { name, kind, of } of questions) {
      // The first opens connections and reads what is not in memory yet.
      await answered(`${base}${of(0)}`);
      const before = await spent();
      for (let n = 1; n <= TIMES; n += 1) await answered(`${base}${of(n)}`);
      list.push({ name, kind, cpuMs: (((await spent()) - before) / TIMES) * 1_000 });
    }
    return list;
  } finally {
    await client.end();
  }
}

async function answered(url: string): Promise<void> {
  const answer = await fetch(url);
  await answer.arrayBuffer();
  if (answer.status !== 200 && answer.status !== 404) throw new Error(`${answer.status} for ${url}`);
}

function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
