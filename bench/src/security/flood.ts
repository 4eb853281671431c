import { setTimeout as sleep } from 'node:timers/promises';
import { trackEvent } from '../event.js';
import { Client, quantile } from './client.js';
import type { Figure } from './scenarios.js';
import { keyed, type RunningService } from './service.js';

interface Intake {
  readonly perSecond: number;
  readonly refused: number;
}

/**
 * So many senders at once; those that are refused wait as they are told to, or do not. What is taken counts until the
 * time is up, whoever still waits then.
 */
async function senders(port: number, count: number, seconds: number, obey: boolean): Promise<Intake> {
  const clients = Array.from({ length: count }, () => new Client(port));
  await Promise.all(clients.map((client) => client.connected));
  const end = performance.now() + seconds * 1_000;
  let taken = 0;
  let refused = 0;
  const sender = async (client: Client): Promise<void> => {
    while (performance.now() < end) {
      const { status } = await client.send({ body: keyed(trackEvent()) });
      if (status !== 200) refused += 1;
      else if (performance.now() < end) taken += 1;
      if (status === 429 && obey) await sleep(1_000);
    }
    client.close();
  };
  await Promise.all(clients.map(sender));
  return { perSecond: taken / seconds, refused };
}

/** Events that the flooded service lets wait for the store. */
export const PENDING = 64;
/** While so many wait, as many are being committed: fewer senders would leave it idle, and be no measure of it. */
const FITTING = 2 * PENDING;
const FLOOD = 5 * PENDING;

/** Five times the senders that may wait, against those that just keep it busy. */
export async function flood(service: RunningService): Promise<Figure[]> {
  const { port } = service;
  await senders(port, FITTING, 2, false);
  const before = await service.rss();
  const rounds: Record<'fitting' | 'patient' | 'rude', Intake>[] = [];
  for (let round = 0; round < 3; round += 1) {
    const fitting = await senders(port, FITTING, 2, false);
    const patient = await senders(port, FLOOD, 2, true);
    const rude = await senders(port, FLOOD, 2, false);
    rounds.push({ fitting, patient, rude });
  }
  const grown = ((await service.rss()) - before) / 1024 / 1024;
  const share = (of: 'patient' | 'rude'): string => {
    const shares = rounds.map((round) => round[of].perSecond / round.fitting.perSecond);
    return `${(quantile(shares, 0.5) * 100).toFixed(0)} %`;
  };
  const refused = rounds.reduce((sum, { patient, rude }) => sum + patient.refused + rude.refused, 0);
  return [
    {
      row: 'S11',
      what: '5 times the senders, obeying Retry-After: accepted, of what fits',
      value: share('patient'),
    },
    { row: 'S11', what: 'the same, never waiting', value: share('rude') },
    { row: 'S11', what: 'refused with 429 meanwhile', value: refused.toLocaleString('en-US') },
    { row: 'S11', what: 'memory grows by', value: `${grown.toFixed(0)} MB` },
  ];
}
