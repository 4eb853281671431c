import { setTimeout as sleep } from 'node:timers/promises';
import { findBinaries } from './binaries.js';
import { handOver, prepareDirectories } from './directory.js';
import { EmbeddedPostgresError, messageOf } from './errors.js';
import { ensureCluster } from './initdb.js';
import { layoutOf, type Layout } from './layout.js';
import { prepareLibraries, prepareNative } from './libraries.js';
import { resolveOptions, type EmbeddedPostgresOptions, type ResolvedOptions } from './options.js';
import { claim, findOwner, type OwnerCard, type Ownership } from './owner.js';
import { serverProcesses } from './processes.js';
import type { PostgresExit } from './server.js';
import { supervise } from './supervisor.js';
import { urlOf } from './url.js';

/** A database that runs, ours or shared. */
export interface EmbeddedPostgres {
  /**
   * For pg, knex and BullMQ. It depends on the directory alone: it stays the same over restarts, and for an attached
   * process while the owner is away.
   */
  readonly url: string;
  /** Where the data really is: under /var/lib/fragment when the database's user cannot get to the directory asked for. */
  readonly dataDir: string;
  /** Whether this process started it. It ends with its owner. */
  readonly owner: boolean;
  /** The postmaster of now; undefined when attached. */
  readonly pid: number | undefined;
  /** Settles when it has ended for good: after `stop`, or by itself with `restart: false`. Attached: after `stop`. */
  readonly exited: Promise<PostgresExit>;
  /** The postmaster and its backends, for tests that kill or freeze them. */
  processes(): Promise<number[]>;
  /** The owner ends the database, an attached process only lets go. May be called repeatedly. */
  stop(): Promise<void>;
}

/**
 * The version of the binaries: `18.4.0-beta.17` is PostgreSQL 18.4.
 * @throws EmbeddedPostgresError FRAGMENT_EMBEDDED_UNSUPPORTED when there are none for this machine
 */
export const embeddedPostgresVersion = (): string => findBinaries().version;

/**
 * Starts the database and owns it: it ends when this process stops it or dies, however it dies.
 * @throws EmbeddedPostgresError FRAGMENT_EMBEDDED_IN_USE, _UNSUPPORTED, _INCOMPATIBLE, _NO_USER, _FORBIDDEN, _FAILED
 */
export async function startPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const resolved = resolveOptions(options);
  const layout = await locate(resolved);
  const started = await tryToOwn(layout, resolved);
  if (started !== undefined) return started;
  const owner = await findOwner(layout.run);
  owner?.hangUp();
  throw inUse(owner);
}

/**
 * Uses the database that another process of the same application owns, once it is ready.
 * @throws EmbeddedPostgresError FRAGMENT_EMBEDDED_NO_OWNER, or _IN_USE when another application owns it
 */
export async function attachPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const resolved = resolveOptions(options);
  const layout = await locate(resolved);
  const attached = await tryToAttach(layout, resolved);
  if (attached === undefined)
    throw new EmbeddedPostgresError('FRAGMENT_EMBEDDED_NO_OWNER', { detail: layout.dataDir });
  return attached;
}

/**
 * Starts the database, or attaches to it when another process of the same application owns it already.
 * @throws EmbeddedPostgresError as {@link startPostgres}; FRAGMENT_EMBEDDED_IN_USE when another application owns it
 */
export async function openPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const resolved = resolveOptions(options);
  const layout = await locate(resolved);
  for (;;) {
    const opened = (await tryToAttach(layout, resolved)) ?? (await tryToOwn(layout, resolved));
    if (opened !== undefined) return opened;
    // Another process is about to become the owner.
    await sleep(10, undefined, { signal: resolved.signal });
  }
}

/**
 * Where the database of a directory is, whether it runs or not. Starts nothing and writes nothing.
 * @throws EmbeddedPostgresError FRAGMENT_EMBEDDED_UNSUPPORTED, _NO_USER
 */
export async function locatePostgres(
  options: EmbeddedPostgresOptions,
): Promise<Pick<EmbeddedPostgres, 'url' | 'dataDir'>> {
  const resolved = resolveOptions(options);
  const layout = await locate(resolved);
  return { url: urlOf(layout.run, resolved.port), dataDir: layout.dataDir };
}

async function locate({ dataDir, signal }: ResolvedOptions): Promise<Layout> {
  signal?.throwIfAborted();
  return asEmbeddedError(() => layoutOf(dataDir, findBinaries()));
}

async function tryToOwn(layout: Layout, options: ResolvedOptions): Promise<EmbeddedPostgres | undefined> {
  return asEmbeddedError(async () => {
    await prepareDirectories(layout);
    const card: OwnerCard = {
      application: options.application,
      pid: process.pid,
      url: urlOf(layout.run, options.port),
    };
    const ownership = await claim(layout.run, card, (socket) => handOver(socket, layout));
    return ownership && run(layout, options, card, ownership);
  }, options.signal);
}

/** What only the owner of the directory may do. */
async function run(
  layout: Layout,
  options: ResolvedOptions,
  { url }: OwnerCard,
  ownership: Ownership,
): Promise<EmbeddedPostgres> {
  try {
    tellWhere(layout, options);
    await prepareNative(layout);
    await prepareLibraries(layout);
    await ensureCluster(layout, options);
    const server = await supervise(layout, options);
    ownership.announceReady();
    let stopped: Promise<void> | undefined;
    return {
      url,
      dataDir: layout.dataDir,
      owner: true,
      get pid() {
        return server.pid;
      },
      exited: server.exited,
      processes: () => serverProcesses(layout.cluster),
      stop: () => (stopped ??= server.stop().finally(() => ownership.release())),
    };
  } catch (error) {
    await ownership.release();
    throw error;
  }
}

async function tryToAttach(layout: Layout, options: ResolvedOptions): Promise<EmbeddedPostgres | undefined> {
  const owner = await asEmbeddedError(() => findOwner(layout.run));
  if (owner === undefined) return undefined;
  try {
    if (owner.application !== options.application) throw inUse(owner);
    const timeout = AbortSignal.timeout(options.startTimeoutMs);
    const ready = await Promise.race([
      owner.ready,
      aborted(timeout),
      ...(options.signal ? [aborted(options.signal)] : []),
    ]);
    if (!ready) return undefined;
  } finally {
    owner.hangUp();
  }
  tellWhere(layout, options);
  let letGo: (exit: PostgresExit) => void = () => undefined;
  const exited = new Promise<PostgresExit>((resolve) => (letGo = resolve));
  return {
    url: owner.url,
    dataDir: layout.dataDir,
    owner: false,
    pid: undefined,
    exited,
    processes: () => serverProcesses(layout.cluster),
    stop() {
      letGo({ code: 0, signal: null });
      return Promise.resolve();
    },
  };
}

function tellWhere({ dataDir, run, user }: Layout, options: ResolvedOptions): void {
  if (run.startsWith('/var/lib/fragment/') && user !== undefined) {
    options.onNotice(
      `The user ${user.name}, who runs PostgreSQL, cannot enter ${options.dataDir}: the data is in ${dataDir}.`,
    );
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const fail = () => reject(signal.reason as Error);
    if (signal.aborted) fail();
    else signal.addEventListener('abort', fail, { once: true });
  });
}

const inUse = (owner: OwnerCard | undefined) =>
  new EmbeddedPostgresError(
    'FRAGMENT_EMBEDDED_IN_USE',
    owner === undefined
      ? {}
      : { detail: `It is the application \`${owner.application}\`, process ${owner.pid}.` },
  );

/** Whatever the file system or a spawn says becomes an error of ours; an abort stays the caller's. */
async function asEmbeddedError<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (signal?.aborted === true) throw signal.reason;
    if (cause instanceof EmbeddedPostgresError) throw cause;
    throw new EmbeddedPostgresError('FRAGMENT_EMBEDDED_FAILED', { detail: messageOf(cause), cause });
  }
}
