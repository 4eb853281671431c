import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { copyCluster, freePort, requiring, testPostgres, testRedis, waitFor } from '@fragment/testing';
import { Opened } from '../acceptance/world.js';
import { exampleNames, installedExamples, readmeOf, type Projects } from './projects.js';
import { readReadme } from './readme.js';
import { openTerminal, type, type Desk, type Terminal } from './terminal.js';

const describeWithRegistry = await requiring('registry', describe);
const describeWithCurl = await requiring('curl', describe);
const describeWithRedis = await requiring('redis', describe);

/** The ports that the examples take by default, and the variables that give them others. */
const ports = {
  3000: 'PORT',
  9090: 'FRAGMENT_GATEWAY_PORT',
  9091: 'FRAGMENT_SCHEDULER_PORT',
  4010: 'CRM_PORT',
};

/** Of the services in docker, as the README of embed-express has them. */
const dockerPostgres = 'postgresql://fragment:fragment@127.0.0.1:5432/fragment';
const dockerRedis = 'redis://127.0.0.1:6379';

const isProgram = (command: string): boolean => /(^|\s)npm (start|run \w+)$/.test(command);

/** A desk with free ports, and the README's commands as they are to be typed there. */
async function deskFor(example: string, cwd: string, services: ReadonlyMap<string, string>) {
  const addresses = new Map(services);
  const env: NodeJS.ProcessEnv = { PATH: process.env['PATH'], HOME: process.env['HOME'] };
  for (const [port, variable] of Object.entries(ports)) {
    env[variable] = String(await freePort());
    addresses.set(`127.0.0.1:${port}`, `127.0.0.1:${env[variable]}`);
  }
  env['CRM_URL'] = `http://127.0.0.1:${env['CRM_PORT']}`;
  const { commands, printed } = readReadme(await readmeOf(example), addresses);
  const programs = commands.filter(isProgram);
  return {
    desk: { cwd, env } satisfies Desk,
    // Where there are several ways to start it, the plain one comes first and the one on services last.
    programs: [...new Map(programs.map((command) => [/npm .+$/.exec(command)?.[0], command]))].map(
      ([plain = '', last]) => (services.size > 0 ? last : plain),
    ),
    calls: commands
      .filter((command) => command.startsWith('curl '))
      .map((command) => command.replace('curl ', 'curl --silent --show-error ')),
    printed,
  };
}

describeWithRegistry('the examples, installed from packed tarballs outside of this repository', () => {
  const opened = new Opened();
  let projects: Projects;
  let terminals: Terminal[] = [];
  beforeAll(async () => (projects = opened.add(await installedExamples())), 300_000);
  afterEach(() => {
    for (const terminal of terminals) terminal.kill();
    terminals = [];
  });
  afterAll(() => opened.stop(), 120_000);

  /** Does what the README says, in its order, and compares what is printed with what it promises. */
  async function follow(example: string, services: ReadonlyMap<string, string> = new Map()): Promise<void> {
    const cwd = projects.directoryOf(example);
    const { desk, programs, calls, printed } = await deskFor(example, cwd, services);
    await type('npm run --silent --if-present prestart', desk);
    for (const program of programs) {
      terminals.push(await openTerminal(program, /^(The|Forms) .*http:\/\/127\.0\.0\.1:\d+/m, desk));
    }

    const answers: string[] = [];
    for (const call of calls) answers.push(await type(call, desk));
    await waitFor(
      async () => {
        // Delivery takes a moment: the last look, at the jobs, is repeated.
        answers[calls.length - 1] = await type(calls.at(-1) ?? '', desk);
        const all = [...terminals.map((terminal) => terminal.printed), ...answers].join('\n');
        const missing = printed.filter((pattern) => !pattern.test(all));
        if (missing.length > 0) throw new Error(`${missing.join('\n')}\nis not in\n${all}`);
        return true;
      },
      { timeoutMs: 20_000, intervalMs: 100, message: `what the README of ${example} says` },
    );

    const codes = await Promise.all(terminals.map((terminal) => terminal.terminate()));
    expect(codes).toEqual(programs.map(() => 0));
    expect(terminals.map(({ stderr }) => stderr).join('')).toBe('');
  }

  describeWithCurl('on nothing but Node', () => {
    it('embed-http does what its README says, and ends by itself', () => follow('embed-http'), 120_000);

    const others = exampleNames.filter((example) => !['embed-http', 'embed-express'].includes(example));
    it.each(others)(
      '%s does what its README says, and ends by itself',
      async (example) => {
        // One new cluster is enough; making it takes longest.
        const data = path.join(
          projects.directoryOf(example),
          '.fragment',
          example === 'transactional' ? 'postgres' : '',
        );
        await mkdir(data, { recursive: true });
        await copyCluster(data);
        await follow(example);
      },
      120_000,
    );

    it('embed-commonjs checks its types', async () => {
      const cwd = projects.directoryOf('embed-commonjs');
      await type('npm run --silent typecheck', { cwd, env: process.env });
    }, 60_000);
  });

  describeWithCurl('on services', () => {
    describeWithRedis('of PostgreSQL and Redis', () => {
      it('embed-express does what its README says, and ends by itself', async () => {
        const postgres = opened.add(await testPostgres());
        const redis = opened.add((await testRedis())!);
        const services = new Map([
          [dockerPostgres, postgres.url],
          [dockerRedis, redis.url],
        ]);
        await follow('embed-express', services);
      }, 120_000);
    });
  });
});
