import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, statSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { findBinaries } from './binaries.js';
import { openPostgres, startPostgres } from './embedded-postgres.js';
import { layoutOf } from './layout.js';
import { prepareNative } from './libraries.js';
import { serverProcesses } from './processes.js';
import { isRoot, kept, killed, query, Seed, Site, write } from './test-support/site.js';
import { until } from './wait.js';

const nobody = 65_534;

let seed: Seed;
let site: Site;
beforeAll(async () => (seed = await Seed.make()));
afterAll(() => seed.site.clear());
beforeEach(async () => {
  site = await Site.make();
});
afterEach(() => site.clear());

describe('after a crash', () => {
  it('of the owner the server ends, and the next start has the data', async () => {
    await seed.plant(site);
    const owner = await site.inChild('startPostgres', site.options());
    await write(owner.url, 1);
    await killed(owner.child);
    expect(await site.gone()).toBe(true);
    expect(await site.tethers()).toEqual([]);
    const database = await startPostgres(site.options());
    expect(await kept(database.url)).toEqual([1]);
    await database.stop();
  });

  it('of the owner and its watcher the orphaned server is ended by the next start', async () => {
    await seed.plant(site);
    const owner = await site.inChild('startPostgres', site.options());
    await write(owner.url, 1);
    const tethers = await site.tethers();
    expect(tethers).toHaveLength(1);
    for (const pid of tethers) process.kill(pid, 'SIGKILL');
    await killed(owner.child);
    expect(await kept(owner.url)).toEqual([1]);

    const notices: string[] = [];
    const database = await startPostgres(site.options({ onNotice: (line) => notices.push(line) }));
    expect(database.pid).not.toBe(owner.pid);
    expect(notices).toEqual([expect.stringContaining('outlived its owner')]);
    expect(await kept(database.url)).toEqual([1]);
    await database.stop();
  });

  it('of everything, a lock file with the pid of another living process is no obstacle', async () => {
    await seed.plant(site);
    const owner = await site.inChild('startPostgres', site.options());
    await write(owner.url, 1);
    const [tether = 0] = await site.tethers();
    const lockFile = path.join(site.cluster, 'postmaster.pid');
    const lock = await readFile(lockFile, 'utf8');
    for (const pid of [tether, ...(await serverProcesses(site.cluster))]) process.kill(pid, 'SIGKILL');
    await killed(owner.child);
    expect(await site.gone()).toBe(true);
    // Not the site.parent of a process to come: PostgreSQL excuses those.
    // Of the same user and no ancestor of the server to come: PostgreSQL excuses the others itself.
    const bystander = spawn('sleep', ['60'], isRoot ? { uid: statSync(site.cluster).uid } : {});
    site.children.push(bystander);
    await writeFile(lockFile, lock.replace(/^\d+/, String(bystander.pid)));
    const database = await startPostgres(site.options());
    expect(await kept(database.url)).toEqual([1]);
    await database.stop();
  });

  it('in the middle of initdb the next start begins anew', async () => {
    const owner = site.spawn('startPostgres');
    const half = () =>
      site.unfinished().some((name) => existsSync(path.join(site.dataDir, name, 'PG_VERSION')));
    expect(await until(half, 10_000)).toBe(true);
    const [name = ''] = site.unfinished();
    await killed(owner);
    expect(existsSync(site.cluster)).toBe(false);
    // On a busy machine initdb outlives its owner by a moment, and what it still writes is left for the start after.
    expect(await until(() => !isMentioned(name), 10_000)).toBe(true);
    const database = await startPostgres(site.options());
    expect(await query(database.url, 'select 1')).toEqual([1]);
    expect(site.unfinished()).toEqual([]);
    await database.stop();
  });
});

// An ordinary user cannot become another one; there, all the suites above have run as one.
if (isRoot) {
  describe('started as root', () => {
    it('runs as an unprivileged user', async () => {
      const database = await startPostgres(site.options());
      const uid = statSync(site.cluster).uid;
      expect(uid).not.toBe(0);
      expect(await readFile(`/proc/${database.pid}/status`, 'utf8')).toMatch(
        new RegExp(`^Uid:\\s+${uid}\\s+${uid}`, 'm'),
      );
      await database.stop();
    });

    it('goes on with the data of an ordinary user as that user, who can go on afterwards', async () => {
      await chown(site.parent, nobody, nobody);
      const as = { uid: nobody, gid: nobody };
      const owner = await site.inChild('startPostgres', site.options(), as);
      await write(owner.url, 1);
      await killed(owner.child);
      const database = await startPostgres(site.options());
      expect(statSync(site.cluster).uid).toBe(nobody);
      expect(await kept(database.url)).toEqual([1]);
      await database.stop();
      const again = await site.inChild('startPostgres', site.options(), as);
      expect(await kept(again.url)).toEqual([1]);
    });

    it('does not let an ordinary user at its data', async () => {
      const database = await startPostgres(site.options());
      const stranger = await site.inChild('openPostgres', site.options(), { uid: nobody, gid: nobody });
      expect(stranger.code).toBe('FRAGMENT_EMBEDDED_FORBIDDEN');
      await database.stop();
      const later = await site.inChild('startPostgres', site.options(), { uid: nobody, gid: nobody });
      expect(later.code).toBe('FRAGMENT_EMBEDDED_FORBIDDEN');
    });

    it('keeps its data elsewhere when the directory lies below one that only root can enter', async () => {
      await chmod(site.parent, 0o700);
      const notices: string[] = [];
      const first = await startPostgres(site.options({ onNotice: (line) => notices.push(line) }));
      expect(first.dataDir).toMatch(/^\/var\/lib\/fragment\/[0-9a-f]{16}$/);
      expect(notices).toEqual([expect.stringContaining(first.dataDir)]);
      await write(first.url, 1);
      const guest = await openPostgres(site.options());
      expect([guest.owner, guest.url]).toEqual([false, first.url]);
      await first.stop();
      const second = await startPostgres(site.options());
      expect(await kept(second.url)).toEqual([1]);
      await second.stop();
      await rm(first.dataDir, { recursive: true });
    });

    it('copies the binaries when their user cannot reach them', async () => {
      const native = path.join(site.parent, 'hidden', 'native');
      await mkdir(path.dirname(native), { mode: 0o700 });
      await mkdir(path.join(native, 'bin'), { recursive: true });
      await writeFile(path.join(native, 'bin', 'postgres'), 'a program', { mode: 0o755 });
      const version = `test-${randomBytes(4).toString('hex')}`;
      const layout = await layoutOf(site.dataDir, { ...findBinaries(), native, version });
      expect(layout.native).toBe(path.join('/var/lib/fragment/native', version));
      await prepareNative(layout);
      await prepareNative(layout);
      expect(await readFile(path.join(layout.native, 'bin', 'postgres'), 'utf8')).toBe('a program');
      await rm(layout.native, { recursive: true });
    });
  });
}

/** Does the command line of any process hold this text? */
function isMentioned(text: string): boolean {
  return readdirSync('/proc').some((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text);
    } catch {
      return false;
    }
  });
}
