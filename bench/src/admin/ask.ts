import { setTimeout } from 'node:timers/promises';
import type { Question } from './questions.js';

/** One answer. */
export interface Asked {
  readonly name: string;
  readonly kind: Question['kind'];
  readonly ms: number;
  readonly status: number;
}

/**
 * Asks one question after the other, over and over, as two people would, each of whom asks again `paceMs` after the last
 * question, or at once where the answer took longer. A page of the dashboard asks by itself every few seconds.
 */
export async function ask(
  base: string,
  questions: readonly Question[],
  o: { readonly seconds: number; readonly firstRound: number; readonly paceMs: number },
): Promise<readonly Asked[]> {
  const end = performance.now() + o.seconds * 1_000;
  const asked: Asked[] = [];
  const person = async (place: number): Promise<void> => {
    for (let n = 0; performance.now() < end; n += 1) {
      const question = questions[(n + place * Math.floor(questions.length / 2)) % questions.length];
      if (!question) return;
      const begin = performance.now();
      const answer = await fetch(`${base}${question.of(o.firstRound + n * 2 + place)}`);
      await answer.arrayBuffer();
      asked.push({
        name: question.name,
        kind: question.kind,
        ms: performance.now() - begin,
        status: answer.status,
      });
      await setTimeout(Math.max(0, begin + o.paceMs - performance.now()));
    }
  };
  await Promise.all([person(0), person(1)]);
  return asked;
}
