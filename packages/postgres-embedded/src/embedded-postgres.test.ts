import { chown, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { attachPostgres, locatePostgres, openPostgres, startPostgres } from './embedded-postgres.js';
import { isRoot, kept, killed, query, Seed, Site, write } from './test-support/site.js';
import { until } from './wait.js';

const nobody = 65_534;

let seed: Seed;
let site: Site;
beforeAll(async () => (seed = await Seed.make()));
afterAll(() => seed.site.clear());
beforeEach(async () => {
  site = await Site.make();
  await seed.plant(site);
});
afterEach(() => site.clear());

describe('a database of our own', () => {
  it('keeps its data over stop and start, under the same address, and is durable by default', async () => {
    const first = await startPostgres({ dataDir: site.dataDir });
    await write(first.url, 1);
    expect(await query(first.url, 'show fsync')).toEqual(['on']);
    expect(await query(first.url, 'show synchronous_commit')).toEqual(['on']);
    expect(await first.processes()).toContain(first.pid);
    await first.stop();
    await first.stop();
    expect(await first.exited).toEqual({ code: 0, signal: null });

    const second = await startPostgres(site.options({ settings: { max_connections: '33' } }));
    expect(second.url).toBe(first.url);
    expect(await locatePostgres({ dataDir: site.dataDir })).toEqual({
      url: first.url,
      dataDir: site.dataDir,
    });
    expect(await kept(second.url)).toEqual([1]);
    expect(await query(second.url, 'show max_connections')).toEqual(['33']);
    expect(await query(second.url, 'show listen_addresses')).toEqual(['']);
    await second.stop();
  });

  it('logs neither statements nor values', async () => {
    const lines: string[] = [];
    const database = await startPostgres(site.options({ onLog: (line) => lines.push(line) }));
    await write(database.url, 1);
    await expect(query(database.url, `select 'a secret'::int`)).rejects.toThrow('a secret');
    await database.stop();
    expect(lines.join('\n')).toContain('ready to accept connections');
    expect(lines.join('\n')).not.toContain('secret');
  });

  it('starts again by itself when its server is killed', async () => {
    const notices: string[] = [];
    const database = await startPostgres(site.options({ onNotice: (line) => notices.push(line) }));
    await write(database.url, 1);
    const before = database.pid ?? 0;
    for (const pid of await database.processes()) process.kill(pid, 'SIGKILL');
    expect(await until(() => notices.includes('PostgreSQL was started again.'), 10_000)).toBe(true);
    expect(database.pid).not.toBe(before);
    expect(await kept(database.url)).toEqual([1]);
    await database.stop();
  });

  it('says when its server has ended, where it is not to start again', async () => {
    const database = await startPostgres(site.options({ restart: false }));
    process.kill(database.pid ?? 0, 'SIGKILL');
    expect(await database.exited).toEqual({ code: null, signal: 'SIGKILL' });
    await database.stop();
  });

  it('is not started when the caller gives up, and can be started afterwards', async () => {
    const reason = new Error('no longer wanted');
    await expect(startPostgres(site.options({ signal: AbortSignal.abort(reason) }))).rejects.toBe(reason);
    const giveUp = new AbortController();
    await rm(site.cluster, { recursive: true });
    const starting = startPostgres(site.options({ signal: giveUp.signal }));
    await until(() => site.unfinished().length > 0, 10_000);
    giveUp.abort(reason);
    await expect(starting).rejects.toBe(reason);
    const database = await startPostgres(site.options());
    await database.stop();
  });

  it('tells what PostgreSQL said when it does not start', async () => {
    await expect(startPostgres(site.options({ settings: { shared_buffers: 'many' } }))).rejects.toMatchObject(
      {
        code: 'FRAGMENT_EMBEDDED_FAILED',
        message: expect.stringContaining('shared_buffers'),
      },
    );
    expect(await site.tethers()).toEqual([]);
  });

  it('keeps its sockets elsewhere when the path is too long for one', async () => {
    const deep = path.join(site.dataDir, 'x'.repeat(60), 'y'.repeat(60));
    const database = await startPostgres(site.options({ dataDir: deep }));
    const run = new URL(database.url).searchParams.get('host') ?? '';
    expect(run).toMatch(/^\/tmp\/fragment-[0-9a-f]{16}$/);
    expect(await query(database.url, 'select 1')).toEqual([1]);
    await database.stop();
    await rm(run, { recursive: true });
    if (!isRoot) return;
    await mkdir(run);
    await chown(run, nobody - 1, nobody - 1);
    await expect(startPostgres(site.options({ dataDir: deep }))).rejects.toMatchObject({
      code: 'FRAGMENT_EMBEDDED_FORBIDDEN',
    });
    await rm(run, { recursive: true });
  });
});

describe('a directory that several want', () => {
  it('belongs to one application', async () => {
    const database = await startPostgres(site.options({ application: 'shop' }));
    const refusal = { code: 'FRAGMENT_EMBEDDED_IN_USE', message: expect.stringContaining('`shop`') };
    await expect(startPostgres(site.options({ application: 'shop' }))).rejects.toMatchObject(refusal);
    await expect(openPostgres(site.options({ application: 'other' }))).rejects.toMatchObject(refusal);
    await expect(attachPostgres(site.options({ application: 'other' }))).rejects.toMatchObject(refusal);
    await database.stop();
  });

  it('is shared by the processes of one application, also over an absence of the owner', async () => {
    await expect(attachPostgres(site.options())).rejects.toMatchObject({
      code: 'FRAGMENT_EMBEDDED_NO_OWNER',
    });
    const owner = await site.inChild('openPostgres', site.options());
    const guest = await openPostgres(site.options());
    expect([owner.owner, guest.owner, guest.pid]).toEqual([true, false, undefined]);
    expect(guest.url).toBe(owner.url);
    await write(guest.url, 1);

    await killed(owner.child);
    expect(await site.gone()).toBe(true);
    await expect(kept(guest.url)).rejects.toThrow();
    await expect(attachPostgres(site.options())).rejects.toMatchObject({
      code: 'FRAGMENT_EMBEDDED_NO_OWNER',
    });

    await site.inChild('startPostgres', site.options());
    expect(await kept(guest.url)).toEqual([1]);
    await guest.stop();
    expect(await kept(guest.url)).toEqual([1]);
  });

  it('has one owner when all start at once, and the others wait until it is ready', async () => {
    const all = await Promise.all(Array.from({ length: 4 }, () => openPostgres(site.options())));
    expect(all.filter(({ owner }) => owner)).toHaveLength(1);
    for (const { url } of all) expect(await query(url, 'select 1')).toEqual([1]);
    for (const database of all) await database.stop();
  });
});

describe('data of others', () => {
  it('of another major version is left alone', async () => {
    await writeFile(path.join(site.cluster, 'PG_VERSION'), '17\n');
    await expect(startPostgres(site.options())).rejects.toMatchObject({
      code: 'FRAGMENT_EMBEDDED_INCOMPATIBLE',
      message: expect.stringContaining('version 17'),
    });
    await rm(path.join(site.cluster, 'PG_VERSION'));
    await expect(startPostgres(site.options())).rejects.toMatchObject({
      message: expect.stringContaining('holds no database'),
    });
  });
});
