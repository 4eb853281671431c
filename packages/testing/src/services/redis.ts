import { redisCommand } from './redis-command.js';
import { hasDocker, hasRedisServer, redisContainer, redisProcess, type RedisServer } from './redis-server.js';

/** An empty Redis of one test file. */
export interface TestRedis {
  /** Stays the same over `kill` and `restart`. */
  readonly url: string;
  stop(): Promise<void>;
  /** Ends it at once; default SIGKILL. Everything in it is lost. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again, empty. */
  restart(): Promise<void>;
  /** Freezes it: connections hang. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Empties it while it runs. */
  flushAll(): Promise<void>;
}

export interface TestRedisOptions {
  /** Always a server of this test's own, which it may kill; default false: FRAGMENT_TEST_REDIS_URL wins when set. */
  readonly own?: boolean;
}

/**
 * A database of its own on the server FRAGMENT_TEST_REDIS_URL names, else an own `redis-server`, else one in docker.
 * Undefined where none of these can be had; `requiring('redis', describe)` tells before.
 */
export async function testRedis({ own = false }: TestRedisOptions = {}): Promise<TestRedis | undefined> {
  const given = process.env['FRAGMENT_TEST_REDIS_URL'];
  if (given !== undefined && !own) return databaseOn(given);
  const server = await ownServer();
  if (server === undefined) return undefined;
  await server.start();
  return {
    url: server.url,
    stop: () => server.remove(),
    kill: (signal = 'SIGKILL') => server.kill(signal),
    restart: () => server.start(),
    pause: () => server.pause(),
    resume: () => server.resume(),
    async flushAll() {
      await redisCommand(server.url, 'FLUSHALL');
    },
  };
}

/** Why `testRedis` cannot work here; undefined when it can. */
export async function whyNoRedis(): Promise<string | undefined> {
  if (
    process.env['FRAGMENT_TEST_REDIS_URL'] !== undefined ||
    (await hasRedisServer()) ||
    (await hasDocker())
  ) {
    return undefined;
  }
  return 'FRAGMENT_TEST_REDIS_URL is not set, and neither redis-server nor a docker daemon was found.';
}

async function ownServer(): Promise<RedisServer | undefined> {
  if (await hasRedisServer()) return redisProcess();
  return (await hasDocker()) ? redisContainer() : undefined;
}

/** Redis has 16 databases; 0 holds the claims on the others, which run out in an hour if a test run is killed. */
async function databaseOn(server: string): Promise<TestRedis> {
  for (let number = 1; number < 16; number += 1) {
    const claim = `fragment-test:database:${number}`;
    if (
      (await redisCommand(addressOf(server, 0), 'SET', claim, String(process.pid), 'NX', 'EX', '3600')) !==
      '+OK'
    )
      continue;
    const url = addressOf(server, number);
    const flushAll = async () => {
      await redisCommand(url, 'FLUSHDB');
    };
    await flushAll();
    return {
      url,
      async stop() {
        await flushAll();
        await redisCommand(addressOf(server, 0), 'DEL', claim);
      },
      flushAll,
      kill: refuse,
      restart: refuse,
      pause: refuse,
      resume: refuse,
    };
  }
  throw new Error('All databases of FRAGMENT_TEST_REDIS_URL are in use by tests.');
}

const refuse = () =>
  Promise.reject(new Error('This Redis is not ours to disturb: ask for one with { own: true }.'));

function addressOf(server: string, database: number): string {
  const url = new URL(server);
  url.pathname = `/${database}`;
  return url.href;
}
