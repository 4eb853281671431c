import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
// eslint-disable-next-line no-restricted-imports -- Of the tests: nothing of this directory is published.
import { Client } from 'pg';
import { startPostgres } from '../embedded-postgres.js';
import type { EmbeddedPostgresOptions } from '../options.js';
import { serverProcesses } from '../processes.js';
import { until } from '../wait.js';

export const isRoot = process.getuid?.() === 0;

const built = new URL('../../dist/index.js', import.meta.url).href;

/** A process of its own that opens a database, says so in a line, and lives until it is killed. */
const program = `
  const [built, call, options] = process.argv.slice(1);
  const { [call]: open } = await import(built);
  try {
    const { url, owner, dataDir, pid } = await open(JSON.parse(options));
    console.log(JSON.stringify({ url, owner, dataDir, pid }));
    setInterval(() => undefined, 60_000);
  } catch (error) {
    console.log(JSON.stringify({ code: error.code, message: error.message }));
  }`;

interface Said {
  readonly url: string;
  readonly owner: boolean;
  readonly dataDir: string;
  readonly pid: number;
  readonly code?: string;
}

/** One directory that databases live, crash and are found in. */
export class Site {
  readonly parent: string;
  readonly dataDir: string;
  readonly children: ChildProcess[] = [];

  private constructor(parent: string) {
    this.parent = parent;
    this.dataDir = path.join(parent, 'db');
  }

  static async make(): Promise<Site> {
    const parent = await mkdtemp('/tmp/fragment-embedded-');
    await chmod(parent, 0o755);
    return new Site(parent);
  }

  get cluster(): string {
    return path.join(this.dataDir, 'data');
  }

  options(more: Partial<EmbeddedPostgresOptions> = {}): EmbeddedPostgresOptions {
    return { dataDir: this.dataDir, durable: false, ...more };
  }

  spawn(call: string, options: EmbeddedPostgresOptions = this.options(), as?: { uid: number; gid: number }) {
    const args = ['--input-type=module', '-e', program, built, call, JSON.stringify(options)];
    const child = spawn(process.execPath, args, { cwd: '/', stdio: ['ignore', 'pipe', 'inherit'], ...as });
    this.children.push(child);
    return child;
  }

  /** Returns when the other process has opened the database, or has been refused it. */
  async inChild(call: string, options = this.options(), as?: { uid: number; gid: number }) {
    const child = this.spawn(call, options, as);
    const line = await new Promise<string>((resolve, reject) => {
      child.stdout.setEncoding('utf8').once('data', resolve);
      child.once('exit', (code) => reject(new Error(`The process ended with ${code}.`)));
    });
    return { ...(JSON.parse(line) as Said), child };
  }

  gone(): Promise<boolean> {
    return until(async () => (await serverProcesses(this.cluster)).length === 0, 10_000);
  }

  /** Directories of an initdb that has not finished. */
  unfinished(): string[] {
    return existsSync(this.dataDir) ? readdirSync(this.dataDir).filter((name) => name.endsWith('.new')) : [];
  }

  /** The readers of pipes that end the server after our death. */
  async tethers(): Promise<number[]> {
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const lines = await Promise.all(
      pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
    );
    return pids
      .filter((_, index) => lines[index]?.includes('read -r') && lines[index].includes(this.cluster))
      .map(Number);
  }

  async clear(): Promise<void> {
    for (const child of this.children) await killed(child);
    const clean = await this.gone();
    await rm(this.parent, { recursive: true, force: true, maxRetries: 5 });
    statSync('/tmp'); // See remove-file.ts.
    if (!clean) throw new Error('A PostgreSQL was left behind.');
  }
}

/** A stopped database to copy, for the tests that are not about making one. */
export class Seed {
  readonly site: Site;

  private constructor(site: Site) {
    this.site = site;
  }

  static async make(): Promise<Seed> {
    const site = await Site.make();
    await (await startPostgres(site.options())).stop();
    return new Seed(site);
  }

  async plant(site: Site): Promise<void> {
    await mkdir(site.dataDir, { mode: 0o711 });
    await promisify(execFile)('cp', ['-a', this.site.cluster, site.cluster]);
  }
}

export async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await exited;
}

/** The first column of the answer. */
export async function query(url: string, text: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows.map((row) => Object.values(row)[0]);
  } finally {
    await client.end();
  }
}

export async function write(url: string, value: number): Promise<void> {
  await query(url, 'create table if not exists kept (n int)');
  await query(url, `insert into kept values (${value})`);
}

export const kept = (url: string): Promise<unknown[]> => query(url, 'select n from kept order by n');
