import { describe, expect, it } from '@jest/globals';
import { requiring } from '@fragment/testing';
import { LEASE_MS } from './service.js';
import { runScenario, scenarios, type Report } from './scenarios.js';

/** Each fault twice; `pnpm chaos` brings it about twenty times. */
const KILLS = 2;
const TIMEOUT_MS = 240_000;
const sound = { lost: 0, stuck: 0, illegal: 0, doubled: 0, crashes: 0, unanswered: 0 };

const expectations: Readonly<Record<string, (report: Report) => void>> = {
  R2: ({ dup, figures }) => {
    expect(dup).toBeLessThanOrEqual(figures['inFlight'] ?? 0);
    expect(figures['redeliveryP99Ms']).toBeLessThan(LEASE_MS + 10_000);
  },
  R3: ({ figures }) => expect(figures).toMatchObject({ deaths: 5, discarded: 1, workerLost: 1 }),
  R4: ({ figures }) => expect(figures).toMatchObject({ serverErrors: 0 }),
  R7: ({ figures }) => expect(figures).toMatchObject({ refused: 0 }),
  R8: ({ figures }) => expect(figures['earliestMs']).toBeGreaterThanOrEqual(0),
  R12: ({ dup }) => expect(dup).toBe(0),
  R13: ({ dup, figures }) => expect(dup).toBeLessThanOrEqual(figures['takenButUnwritten'] ?? 0),
};

const suite = (redis: boolean) => (): void => {
  for (const scenario of scenarios.filter(({ needsRedis }) => needsRedis === redis)) {
    it(
      `${scenario.name}: ${scenario.title}`,
      async () => {
        const report = await runScenario(scenario, { kills: KILLS, redis });
        expect(report).toMatchObject(sound);
        expect(report.jobs).toBe(report.events * 3);
        expectations[scenario.name]?.(report);
      },
      TIMEOUT_MS,
    );
  }
};

describe('failures', suite(false));
(await requiring('redis', describe))('failures with Redis', suite(true));
