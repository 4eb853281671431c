import { randomBytes } from 'node:crypto';
import { embeddedPostgresVersion, startPostgres, type EmbeddedPostgres } from '@fragment/postgres-embedded';
import { Client } from 'pg';
import { copyCluster } from './postgres-template.js';
import { waitFor } from '../wait/wait-for.js';
import { freePort, removeDirectory, scratchDirectory } from './scratch.js';

/** An empty PostgreSQL database of one test file. */
export interface TestPostgres {
  /** Stays the same over `kill` and `restart`. */
  readonly url: string;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
  /** Ends every process of the server at once, as a crash would; default SIGKILL. Returns when they are gone. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again after `kill`, with the data it had. */
  restart(): Promise<void>;
  /** Freezes every process of the server: connections hang. */
  pause(): Promise<void>;
  resume(): Promise<void>;
}

export interface TestPostgresOptions {
  /** Flush to the disk as in production; default false. For tests of failures. */
  readonly durable?: boolean;
  /** Always a server of this test's own, which it may kill; default false: FRAGMENT_TEST_POSTGRES_URL wins when set. */
  readonly own?: boolean;
  /** Listen on a port of 127.0.0.1 instead of a socket only; default false. */
  readonly tcp?: boolean;
  /** PostgreSQL settings, such as `{ max_connections: '200' }`; they imply `own`. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A fresh database on the server FRAGMENT_TEST_POSTGRES_URL names, else a server of its own from npm packages. */
export async function testPostgres(options: TestPostgresOptions = {}): Promise<TestPostgres> {
  const server = process.env['FRAGMENT_TEST_POSTGRES_URL'];
  const own = options.own === true || options.settings !== undefined;
  return server === undefined || own ? ownServer(options) : databaseOn(server);
}

/** Why `testPostgres` cannot work here; undefined when it can. */
export function whyNoPostgres(): Promise<string | undefined> {
  if (process.env['FRAGMENT_TEST_POSTGRES_URL'] !== undefined) return Promise.resolve(undefined);
  try {
    embeddedPostgresVersion();
    return Promise.resolve(undefined);
  } catch (error) {
    return Promise.resolve(`FRAGMENT_TEST_POSTGRES_URL is not set. ${(error as Error).message}`);
  }
}

async function ownServer({
  durable = false,
  tcp = false,
  settings = {},
}: TestPostgresOptions): Promise<TestPostgres> {
  const dataDir = await scratchDirectory();
  await copyCluster(dataDir);
  const port = tcp ? String(await freePort()) : undefined;
  const start = () =>
    startPostgres({
      dataDir,
      durable,
      restart: false,
      application: 'fragment-test',
      settings: { ...(port !== undefined && { listen_addresses: '127.0.0.1', port }), ...settings },
    });
  let server: EmbeddedPostgres = await start();
  const signal = async (name: NodeJS.Signals) => {
    for (const pid of await server.processes()) tryKill(pid, name);
  };
  return {
    url: port === undefined ? server.url : `postgresql://fragment@127.0.0.1:${port}/postgres?sslmode=disable`,
    async stop() {
      await signal('SIGCONT');
      await server.stop();
      await removeDirectory(dataDir);
    },
    async kill(name = 'SIGKILL') {
      // Again and again: the server may have started another process while its processes were listed.
      const gone = async (): Promise<boolean> => {
        await signal(name);
        return (await server.processes()).length === 0;
      };
      await waitFor(gone, { message: 'the end of PostgreSQL' });
    },
    async restart() {
      await server.stop();
      server = await start();
    },
    pause: () => signal('SIGSTOP'),
    resume: () => signal('SIGCONT'),
  };
}

function tryKill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // A backend that has ended since it was listed.
  }
}

async function databaseOn(server: string): Promise<TestPostgres> {
  const name = `fragment_test_${randomBytes(6).toString('hex')}`;
  await execute(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const refuse = () =>
    Promise.reject(new Error('This PostgreSQL is not ours to disturb: ask for one with { own: true }.'));
  return {
    url: url.href,
    stop: () => execute(server, `drop database if exists ${name} with (force)`),
    kill: refuse,
    restart: refuse,
    pause: refuse,
    resume: refuse,
  };
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
