import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { configurationSchema } from '@fragment/runtime';
import { testPostgres, waitFor } from '@fragment/testing';
import { atTheEnd, cleanUp, project, result, send, started, usedProject } from './process.fixture.js';

const root = path.resolve(import.meta.dirname, '../../..');

afterEach(cleanUp);

const plain = { 'fragment.config.js': 'export default {};' };

describe('what it is asked', () => {
  it.each([
    [['strat'], /Did you mean start\?/],
    [['start', '--servce', 'gateway'], /Did you mean --service\?/],
    [['start', '--service', 'worker'], /Allowed choices are gateway, scheduler/],
    [['start', '--bind', '80:9092'], /must be \[host:\]<port>:9090/],
    [['start', '--bind', '1:9090', '--bind', '2:9090'], /one place only/],
    [['start', 'now'], /too many arguments/],
    [['migrations', 'undo'], /unknown command 'undo'/],
    [['migrations', 'ack', '--scope', 'source:x'], /FRAGMENT_CLI_LATER .*`ack` waits for/],
    [['migrations', 'rollback', '--version', '1'], /FRAGMENT_CLI_LATER .*`rollback` waits for/],
    [['run', 'operation', '--file', 'x.sql'], /FRAGMENT_CLI_LATER .*`operation` waits for/],
    [['run', 'query', '--csv'], /FRAGMENT_CLI_LATER .*`query` waits for/],
    [['jobs', 'retry', '--since', 'yesterday'], /must be like 30m, 24h or 7d/],
    [['jobs', 'list', '--status', 'lost'], /must be one of awaiting, executing/],
    [['jobs', 'list', '--event', 'e', '--user', 'u'], /--event goes without other filters/],
    [['jobs', 'discard'], /Say which jobs by a filter, or --all/],
    [['events', 'tail', '--url', 'localhost:9091'], /must be like http:/],
    [['events', 'replay'], /Say which events by a filter, or --all/],
    [['events', 'send', '{'], /The message is not JSON/],
    [['events', 'send', '@missing.json'], /missing\.json cannot be read/],
    [['users', 'erase', ''], /It must not be empty/],
    [['users', 'erase', 'u1'], /Nobody can be asked here: add --confirm with the id/],
    [['users', 'erase', 'u1', '--confirm', 'u2'], /--confirm must repeat the id/],
    [['test', 'log'], /required option '--event <file>'/],
    [['test', 'log', '--event', 'missing.json'], /missing\.json cannot be read/],
    [[], /Usage: fragment/],
  ])('%j: exit code 2, and what would be right', async (args, hint) => {
    const { code, stdout, stderr } = await result(await project(plain), args);
    expect(stderr).toMatch(hint);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it('refuses a file of variables that is not there', async () => {
    const { code, stderr } = await result(await project(plain), ['start', '--env-file', 'missing.env']);
    expect(stderr).toContain('missing.env');
    // Some versions of Node take this flag, wherever it stands, for their own, and say the same.
    expect([2, 9]).toContain(code);
  });

  it('tells its version, for people and for programs', async () => {
    const cwd = await project({});
    const { stdout } = await result(cwd, ['version', '--json']);
    const facts = JSON.parse(stdout) as Record<string, string>;
    expect(facts).toMatchObject({
      node: process.versions.node,
      fragment: expect.stringMatching(/^\d+\.\d+\.\d+/),
    });
    expect((await result(cwd, ['version'])).stdout).toContain(`fragment ${facts['fragment'] ?? ''} (Node `);
    expect(await result(cwd, ['--help'])).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringContaining('Exit codes'),
    });
  });
});

describe('the configuration', () => {
  it.each([
    ['none', {}, 'FRAGMENT_CONFIG_NOT_FOUND', /docs\/errors\.md#/],
    [
      'a file that throws',
      { 'fragment.config.mjs': "throw new Error('not today');" },
      'FRAGMENT_CONFIG_NOT_LOADED',
      /because: not today/,
    ],
    [
      'a wrong default',
      { 'fragment.config.js': 'export default 5;' },
      'FRAGMENT_CONFIG_NOT_LOADED',
      /default export/,
    ],
    [
      'wrong settings',
      { ...plain, '.env': 'REDIS_URL=hunter2\nFRAGMENT_GATEWAY_PORT=x' },
      'FRAGMENT_CONFIG_INVALID',
      /- REDIS_URL must .*\n.*- FRAGMENT_GATEWAY_PORT must/,
    ],
    [
      'options that do not exist, and settings that are wrong, at once',
      {
        'fragment.config.js':
          'export default { destination: [], gateway: { prot: 1 }, execution: { retry: { base: 1 } }, logLevel: "loud" };',
      },
      'FRAGMENT_CONFIG_INVALID',
      /did you mean destinations\?.*\n.*did you mean gateway\.port\?.*\n.*execution\.retry\.base is not an option.*\n.*logLevel must/,
    ],
    [
      'secrets that are not set, all of them',
      {
        'fragment.config.js':
          'export default (env, secret) => ({ adminToken: secret("FIRST_SECRET") + secret("SECOND_SECRET") });',
      },
      'FRAGMENT_CONFIG_INVALID',
      /- FIRST_SECRET must be set.*\n.*- SECOND_SECRET must be set/,
    ],
  ])('%s: exit code 3, what is wrong and where to read', async (_case, files, name, hint) => {
    const { code, stdout, stderr } = await result(await project(files), ['start']);
    expect(stderr).toContain(`error ${name} `);
    expect(stderr).toMatch(hint);
    expect(stderr).toMatch(/ {2}try: {2}\S.*\n {2}read: docs\/errors\.md#fragment_config_/);
    expect(stderr).not.toContain('hunter2');
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
  });

  it('may be JSON, which the published schema describes, and which holds no code', async () => {
    const example = readFileSync(path.join(root, 'docs/configuration.md'), 'utf8');
    const text = /```json\n([^`]+)```/.exec(example)?.[1] ?? '';
    const cwd = await project({ 'fragment.config.json': text });
    const { stdout } = await result(cwd, ['env', '--json']);
    const shown = JSON.parse(stdout) as { name: string; value: string; source: string }[];
    expect(shown).toContainEqual(
      expect.objectContaining({ name: 'gatewayPort', value: '8080', source: 'option' }),
    );
    const schema = path.join(root, 'packages', 'runtime', 'fragment.schema.json');
    expect(JSON.parse(readFileSync(schema, 'utf8'))).toEqual(configurationSchema());
    expect(text).toContain(`@fragment/runtime/${path.basename(schema)}`);

    const wrong = { name: 5, logLevel: 'loud', destinations: [], gateway: { prot: 1, port: true, cors: {} } };
    await writeFile(path.join(cwd, 'fragment.config.json'), JSON.stringify(wrong));
    const refused = await result(cwd, ['check']);
    expect(refused.code).toBe(3);
    for (const problem of [
      'name must be string',
      'logLevel must be equal to one of',
      'destinations wants fragment.config.ts: JSON cannot say it',
      'gateway.prot is not an option; did you mean gateway.port?',
      'gateway.port must NOT be valid',
      'gateway.cors must have required property',
    ])
      expect(refused.stderr).toContain(`- ${problem}`);
    await writeFile(path.join(cwd, 'fragment.config.json'), '[]');
    expect((await result(cwd, ['check'])).stderr).toContain('It holds no JSON object.');
  });

  it('is found above, written in TypeScript, and told the environment with the .env beside it', async () => {
    const cwd = await project({
      'fragment.config.ts': `
        const told = async (env: Record<string, string | undefined>): Promise<never> => {
          throw new Error([env['SET'], env['UNSET'], process.env['UNSET']].join(' '));
        };
        export default told;`,
      '.env': 'SET=from-file\nUNSET=from-file',
      'other.env': 'UNSET=from-other',
    });
    const below = path.join(cwd, 'fragment.config.ts');
    const env = { SET: 'from-shell' };
    const because = async (args: string[], where = cwd): Promise<string | undefined> =>
      /because: (.*)/.exec((await result(where, args, env)).stderr)?.[1];
    expect(await because(['start'])).toBe('from-shell from-file from-file');
    expect(await because(['start', '--cwd', cwd, '--env-file', path.join(cwd, 'other.env')], '/')).toBe(
      'from-shell from-other from-other',
    );
    expect(await because(['start', '--config', below], '/')).toBe('from-shell from-file from-file');
  });
});

async function statuses(scheduler: string): Promise<string[]> {
  const response = await fetch(`${scheduler}/admin/api/store/jobs`);
  const { data } = (await response.json()) as { data: { status: string }[] };
  return data.map(({ status }) => status);
}

const postmaster = (cwd: string): boolean =>
  existsSync(path.join(cwd, '.fragment', 'data', 'postmaster.pid'));

describe('start', () => {
  it('runs on the embedded database, ends with Ctrl-C, and finds everything again, also after kill -9', async () => {
    const cwd = await project(plain);
    const first = await started(cwd);
    expect((await send(first.gateway)).status).toBe(200);
    await waitFor(async () => (await statuses(first.scheduler)).join() === 'succeeded');
    expect(first.stderr).toContain(`${first.gateway}/v1/identify`);
    expect(first.stderr).toContain(`  dashboard  ${first.scheduler}/admin\n`);
    first.process.kill('SIGINT');
    expect(await first.code).toBe(0);
    expect(postmaster(cwd)).toBe(false);
    const lines = first.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { msg: string });
    expect(lines.map(({ msg }) => msg)).toEqual(
      expect.arrayContaining(['would deliver', 'stopping', 'stopped']),
    );

    const second = await started(cwd);
    expect((await send(second.gateway)).status).toBe(200);
    second.process.kill('SIGKILL');
    await second.code;

    const third = await started(cwd);
    await waitFor(async () => (await statuses(third.scheduler)).join() === 'succeeded,succeeded');
    // Nobody reads the log any more.
    third.process.stdout?.destroy();
    expect((await send(third.gateway)).status).toBe(200);
    await waitFor(async () => (await statuses(third.scheduler)).join() === 'succeeded,succeeded,succeeded');
    third.process.kill('SIGTERM');
    expect(await third.code).toBe(0);
  }, 60_000);

  it('starts one service where that is wanted, and shows no keys', async () => {
    const cwd = await usedProject(plain);
    const env = { FRAGMENT_WRITE_KEYS: 'web:hunter2', FRAGMENT_ADMIN_TOKEN: 'hunter2hunter2hunter2' };
    const gateway = await started(cwd, ['--service', 'gateway'], env);
    expect([gateway.gateway, gateway.scheduler]).toEqual([expect.stringContaining('http'), '']);
    expect((await send(gateway.gateway)).status).toBe(401);
    const scheduler = await started(cwd, ['--service', 'scheduler'], env);
    expect([scheduler.gateway, scheduler.scheduler]).toEqual(['', expect.stringContaining('http')]);
    for (const { stdout, stderr } of [gateway, scheduler]) expect(stdout + stderr).not.toContain('hunter2');
    expect(gateway.stderr).toContain("-u '<write key>:'");
    expect(scheduler.stderr).toContain('Bearer <admin token>');
  });

  it('says once why it cannot start, and leaves nothing running', async () => {
    const cwd = await usedProject(plain);
    const taken = createServer();
    taken.listen(0, '127.0.0.1');
    await once(taken, 'listening');
    atTheEnd(() => new Promise((resolve) => taken.close(resolve)));
    const { port } = taken.address() as AddressInfo;
    const { code, stderr } = await result(cwd, ['start', '--bind', `${port}:9090`, '--bind', '0:9091']);
    expect(code).toBe(6);
    expect(stderr.match(/FRAGMENT_SERVICE_PORT_TAKEN/g)).toHaveLength(1);
    expect(postmaster(cwd)).toBe(false);

    const nowhere = await result(cwd, ['start'], { FRAGMENT_DATA_DIR: '/proc/nothing' });
    expect(nowhere.code).toBe(1);
    expect(nowhere.stderr).toMatch(/error FRAGMENT_EMBEDDED_[A-Z]+ .*\/proc\/nothing/);

    const open = await result(cwd, ['start', '--bind', '0:9090', '--bind', '0.0.0.0:0:9091']);
    expect(open).toMatchObject({ code: 3, stderr: expect.stringContaining('FRAGMENT_ADMIN_TOKEN_REQUIRED') });
  });

  it('ends gently, with exit code 1, after a fault that nothing had foreseen', async () => {
    const cwd = await usedProject({
      'fragment.config.js': `
        export default {
          sources: [{ name: 'faulty', triggers: [], init: async () => void process.once('SIGUSR2', () => Promise.reject(new Error('unforeseen'))) }],
        };`,
    });
    const running = await started(cwd);
    running.process.kill('SIGUSR2');
    expect(await running.code).toBe(1);
    expect(running.stdout).toMatch(/"message":"unforeseen".*\n(.*\n)*.*"msg":"stopped"/);
    expect(postmaster(cwd)).toBe(false);
  });

  it('ends at once when it is told a second time', async () => {
    const cwd = await usedProject({
      'fragment.config.js': `
        export default { sources: [{ name: 'stubborn', triggers: [], shutdown: () => new Promise(() => {}) }] };`,
    });
    const running = await started(cwd);
    const again = setInterval(() => running.process.kill('SIGINT'), 100);
    atTheEnd(() => {
      clearInterval(again);
      return Promise.resolve();
    });
    expect(await running.code).toBe(130);
    expect(running.stdout).toContain('"msg":"stopping"');
    expect(running.stdout).not.toContain('"msg":"stopped"');
  });
});

describe('migrations', () => {
  it('tells what is pending, applies it, and tells when', async () => {
    const postgres = await testPostgres();
    atTheEnd(() => postgres.stop());
    const cwd = await project(plain);
    const run = (...args: string[]) =>
      result(cwd, ['migrations', ...args], { POSTGRES_STORE_URL: postgres.url });
    const read = ({
      code,
      stdout,
    }: Awaited<ReturnType<typeof run>>): { version: string; applied_at: string | null }[] => {
      expect(code).toBe(0);
      return JSON.parse(stdout) as { version: string; applied_at: string | null }[];
    };
    const before = read(await run('status', '--json'));
    expect(before.length).toBeGreaterThan(0);
    expect(before.map(({ applied_at }) => applied_at)).toEqual(before.map(() => null));
    expect((await run('status')).stdout).toMatch(/^0001 +pending +\S/);
    const after = read(await run('run', '--json'));
    expect(after.map(({ version }) => version)).toEqual(before.map(({ version }) => version));
    expect(after.map(({ applied_at }) => Date.parse(applied_at ?? ''))).not.toContain(NaN);
    expect(read(await run('status', '--json'))).toEqual(after);
    expect(existsSync(path.join(cwd, '.fragment'))).toBe(false);
  });

  it('says that the database cannot be reached', async () => {
    const env = { POSTGRES_STORE_URL: 'postgresql://fragment:hunter2@127.0.0.1:1/none' };
    const { code, stderr } = await result(await project(plain), ['migrations', 'status'], env);
    expect({ code, stderr }).toEqual({
      code: 4,
      stderr: expect.stringContaining('FRAGMENT_STORE_UNAVAILABLE'),
    });
    expect(stderr).not.toContain('hunter2');
  });
});
