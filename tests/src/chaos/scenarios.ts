import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '@fragment/testing';
import { lateness, p99, redeliveries, type Findings } from './oracle.js';
import { openWorld, type World } from './world.js';

/** One fault under load. `run` brings the faults about and returns the findings, with figures of its own. */
export interface Scenario {
  readonly name: string;
  readonly title: string;
  readonly needsRedis: boolean;
  run(world: World, kills: number): Promise<Report>;
}

export type Report = Findings & {
  readonly crashes: number;
  readonly figures: Readonly<Record<string, number>>;
};

/** Events a second. A CI machine runs the load, both services, the database and the vendor on two cores. */
const RATE = 300;
const between = (): Promise<void> => sleep(500 + Math.random() * 1_000);
const all = async (services: readonly { start(): Promise<void> }[]): Promise<void> => {
  await Promise.all(services.map((service) => service.start()));
};

const r1: Scenario = {
  name: 'R1',
  title: 'SIGKILL one gateway at random moments',
  needsRedis: false,
  async run(world, kills) {
    await all([...world.gateways, ...world.schedulers]);
    const load = world.load(RATE);
    for (let kill = 0; kill < kills; kill += 1) {
      await between();
      await world.gateways[0]?.kill();
      await world.gateways[0]?.start();
    }
    return { ...(await world.findings(load)), figures: { kills } };
  },
};

const r2: Scenario = {
  name: 'R2',
  title: 'SIGKILL one scheduler in the middle of deliveries',
  needsRedis: false,
  async run(world, kills) {
    await all([...world.gateways, ...world.schedulers]);
    const load = world.load(RATE);
    let inFlight = 0;
    for (let kill = 0; kill < kills; kill += 1) {
      await between();
      const victim = world.schedulers[kill % 2];
      await victim?.kill();
      inFlight += (await world.store.findJobs({ jobs: { statusIn: ['executing'] } }, { limit: 1 })).count;
      await victim?.start();
    }
    const findings = await world.findings(load);
    const gaps = redeliveries(world.stub.calls);
    const redeliveryP50Ms = gaps[Math.floor(gaps.length / 2)] ?? 0;
    return { ...findings, figures: { kills, inFlight, redeliveryP50Ms, redeliveryP99Ms: p99(gaps) } };
  },
};

const r3: Scenario = {
  name: 'R3',
  title: 'one job kills every scheduler that delivers it',
  needsRedis: false,
  async run(world) {
    await all(world.gateways);
    const load = world.load(RATE, 1_000);
    await load.stop();
    const poison = [...load.journal.keys()][500] ?? '';
    let deaths = 0;
    for (;;) {
      const [scheduler] = world.schedulers;
      if (!scheduler) break;
      await scheduler.start({ poison });
      const done = waitFor(async () => (await remaining(world)) === 0, {
        timeoutMs: 120_000,
        intervalMs: 200,
      });
      const ended = await Promise.race([
        scheduler.ended().then(() => 'died' as const),
        done.then(() => 'done' as const),
      ]);
      if (ended === 'done') break;
      done.catch(() => undefined);
      deaths += 1;
      if (deaths > 10) break;
    }
    const found = await world.store.findJobs({ jobs: { statusIn: ['discarded'] } }, { limit: 10 });
    const right = found.items.filter((job) => job.lastError?.message.includes('worker lost')).length;
    return {
      ...(await world.findings(load)),
      figures: { deaths, discarded: found.count, workerLost: right },
    };
  },
};

const remaining = async (world: World): Promise<number> =>
  (await world.store.findJobs({ jobs: { statusNotIn: ['succeeded', 'discarded'] } }, { limit: 1 })).count;

const r4: Scenario = {
  name: 'R4',
  title: 'SIGKILL PostgreSQL with all its processes',
  needsRedis: false,
  async run(world, kills) {
    await all([...world.gateways, ...world.schedulers]);
    const load = world.load(RATE);
    const recoveries: number[] = [];
    for (let kill = 0; kill < kills; kill += 1) {
      await between();
      await world.postgres.kill();
      await sleep(300);
      await world.postgres.restart();
      recoveries.push(await firstAnswer(load.journal));
    }
    const answers = [...load.journal.values()].flat();
    const findings = await world.findings(load);
    const figures = {
      kills,
      unavailable503: answers.filter((status) => status === 503).length,
      serverErrors: answers.filter((status) => status === 500).length,
      slowestRecoveryMs: Math.max(...recoveries),
    };
    return { ...findings, figures };
  },
};

/** Milliseconds until an event is answered 200 again. */
async function firstAnswer(journal: ReadonlyMap<string, readonly number[]>): Promise<number> {
  const answered = (): number => [...journal.values()].filter((answers) => answers.at(-1) === 200).length;
  const before = answered();
  const begin = Date.now();
  await waitFor(() => answered() > before, { timeoutMs: 20_000, intervalMs: 20 });
  return Date.now() - begin;
}

const r7: Scenario = {
  name: 'R7',
  title: 'SIGKILL Redis and start it again empty',
  needsRedis: true,
  async run(world, kills) {
    await all([...world.gateways, ...world.schedulers]);
    const load = world.load(RATE);
    for (let kill = 0; kill < kills; kill += 1) {
      await between();
      await world.redis?.kill();
      await sleep(500);
      await world.redis?.restart();
    }
    const answers = [...load.journal.values()].flat();
    const refused = answers.filter((status) => status !== 200).length;
    return { ...(await world.findings(load)), figures: { kills, answers: answers.length, refused } };
  },
};

const r8: Scenario = {
  name: 'R8',
  title: 'FLUSHALL with jobs active and delayed',
  needsRedis: true,
  async run(world, kills) {
    world.stub.failFirst(1 / 3);
    await all([...world.gateways, ...world.schedulers]);
    const load = world.load(RATE * 2, 1_700);
    for (let kill = 0; kill < kills; kill += 1) {
      await sleep(500);
      await world.redis?.flushAll();
    }
    const findings = await world.findings(load);
    const failedFirst = world.stub.calls.filter((call) => call.status === 500).length;
    const late = await lateness(world.store);
    const figures = { flushes: kills, failedFirst, earliestMs: late[0] ?? 0, lateP99Ms: p99(late) };
    return { ...findings, figures };
  },
};

const r12: Scenario = {
  name: 'R12',
  title: 'die between commit and offer',
  needsRedis: false,
  async run(world, kills) {
    const [dying, healthy] = world.gateways;
    await all(world.schedulers);
    await healthy?.start();
    const load = world.load(RATE);
    for (let kill = 0; kill < kills; kill += 1) {
      await dying?.start({ dieAt: 'offer' });
      await dying?.ended();
    }
    return { ...(await world.findings(load)), figures: { deaths: kills } };
  },
};

const r13: Scenario = {
  name: 'R13',
  title: 'die between the vendor’s yes and writing it down',
  needsRedis: false,
  async run(world, kills) {
    await all(world.gateways);
    const load = world.load(RATE, 1_000);
    const [dying, healthy] = world.schedulers;
    for (let kill = 0; kill < kills; kill += 1) {
      await dying?.start({ dieAt: 'settle' });
      await dying?.ended();
    }
    const before = world.stub.calls.length;
    await healthy?.start();
    return { ...(await world.findings(load)), figures: { deaths: kills, takenButUnwritten: before } };
  },
};

export const scenarios: readonly Scenario[] = [r1, r2, r3, r4, r7, r8, r12, r13];

/** Runs one scenario in a world of its own. */
export async function runScenario(scenario: Scenario, o: { kills: number; redis: boolean }): Promise<Report> {
  const world = await openWorld({ redis: o.redis });
  try {
    return await scenario.run(world, o.kills);
  } finally {
    await world.stop();
  }
}
