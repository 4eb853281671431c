import { randomBytes } from 'node:crypto';
import { link, readdir } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { EmbeddedPostgresError, errnoOf } from './errors.js';
import { removeFile } from './remove-file.js';

// Who owns a data directory is told by sockets named `owner.<generation>.sock`. The highest one that answers is the
// owner; a socket dies with its process, so there is no pid to guess about. A dead one is never removed to make room,
// which two processes could do to each other: its successor takes the next number, which only one can create, and
// clears the lower numbers away.

/** What an owner tells whoever asks. */
export interface OwnerCard {
  readonly application: string;
  readonly pid: number;
  readonly url: string;
}

export interface Owner extends OwnerCard {
  /** Settles when its database is ready: true, or false when the owner ended before. */
  readonly ready: Promise<boolean>;
  hangUp(): void;
}

export interface Ownership {
  /** Tells those who wait, and whoever asks later, that the database takes connections. */
  announceReady(): void;
  release(): Promise<void>;
}

const answerWithinMs = 5_000;

/** The living owner, if there is one. */
export async function findOwner(run: string): Promise<Owner | undefined> {
  const generation = await highestGeneration(run);
  return generation === 0 ? undefined : ask(socketOf(run, generation));
}

/**
 * Becomes the owner, or returns undefined because another process is, or was quicker.
 * @param prepare sees the socket before it gets its name, to give it to the user whose directory it is
 */
export async function claim(
  run: string,
  card: OwnerCard,
  prepare?: (socket: string) => Promise<void>,
): Promise<Ownership | undefined> {
  const latest = await highestGeneration(run);
  if (latest > 0) {
    const owner = await ask(socketOf(run, latest));
    owner?.hangUp();
    if (owner !== undefined) return undefined;
  }
  const mine = latest + 1;
  const entrance = await openEntrance(path.join(run, `claim.${randomBytes(4).toString('hex')}.sock`), card);
  await prepare?.(entrance.file);
  // A socket gets its public name when it already listens: in between it would look dead.
  const won = await linkNew(entrance.file, socketOf(run, mine));
  await removeFile(entrance.file);
  // Someone who looked long ago can have taken a number that was used and cleared away since.
  if (!won || (await highestGeneration(run)) !== mine) {
    if (won) await removeFile(socketOf(run, mine));
    await entrance.release();
    return undefined;
  }
  await clearOld(run, mine);
  return entrance;
}

const socketOf = (run: string, generation: number): string => path.join(run, `owner.${generation}.sock`);

async function listGenerations(run: string): Promise<{ name: string; generation: number }[]> {
  const names = await readdir(run).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return [];
    throw forbiddenOr(error, run);
  });
  return names.flatMap((name) => {
    const [, generation] = /^owner\.(\d+)\.sock$/.exec(name) ?? [];
    return generation === undefined ? [] : [{ name, generation: Number(generation) }];
  });
}

const highestGeneration = async (run: string): Promise<number> =>
  Math.max(0, ...(await listGenerations(run)).map(({ generation }) => generation));

async function clearOld(run: string, current: number): Promise<void> {
  const old = (await listGenerations(run))
    .filter(({ generation }) => generation < current)
    .map(({ name }) => name);
  const abandoned = (await readdir(run)).filter((name) => name.startsWith('claim.'));
  for (const name of [...old, ...abandoned]) await removeFile(path.join(run, name));
}

async function linkNew(file: string, name: string): Promise<boolean> {
  try {
    await link(file, name);
    return true;
  } catch (error) {
    // ENOENT: the winner has already cleared our unused entrance away.
    if (errnoOf(error) === 'EEXIST' || errnoOf(error) === 'ENOENT') return false;
    throw error;
  }
}

async function openEntrance(file: string, card: OwnerCard): Promise<Ownership & { file: string }> {
  const visitors = new Set<Socket>();
  let ready = false;
  const server: Server = createServer((visitor) => {
    visitors.add(visitor);
    visitor.on('close', () => visitors.delete(visitor));
    visitor.on('error', () => undefined); // A visitor that leaves early is no concern of the owner.
    visitor.unref();
    visitor.write(`${JSON.stringify(card)}\n`);
    if (ready) visitor.end('ready\n');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(file, resolve);
  });
  server.unref();
  return {
    file,
    announceReady() {
      ready = true;
      for (const visitor of visitors) visitor.end('ready\n');
    },
    release() {
      for (const visitor of visitors) visitor.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** Undefined: nobody listens there any more. */
function ask(socket: string): Promise<Owner | undefined> {
  return new Promise((resolve, reject) => {
    const connection = connect(socket);
    let text = '';
    let met = false;
    let announce: (ready: boolean) => void = () => undefined;
    const ready = new Promise<boolean>((settle) => (announce = settle));
    const silent = setTimeout(() => {
      connection.destroy();
      reject(inUse(`The process that owns it does not answer at ${socket}.`));
    }, answerWithinMs);
    connection.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      const [first, second, third] = text.split('\n');
      if (!met && second !== undefined) {
        met = true;
        clearTimeout(silent);
        resolve({ ...(JSON.parse(first ?? '') as OwnerCard), ready, hangUp: () => connection.destroy() });
      }
      if (third !== undefined) announce(second === 'ready');
    });
    connection.on('error', (error) => {
      clearTimeout(silent);
      if (met) return;
      const code = errnoOf(error);
      if (code === 'ECONNREFUSED' || code === 'ENOENT' || code === 'ECONNRESET') resolve(undefined);
      else if (code === 'EAGAIN') reject(inUse(`Its owner is too busy to answer at ${socket}.`));
      else reject(forbiddenOr(error, socket));
    });
    connection.on('close', () => {
      clearTimeout(silent);
      announce(false);
      resolve(undefined);
    });
  });
}

const inUse = (detail: string) => new EmbeddedPostgresError('FRAGMENT_EMBEDDED_IN_USE', { detail });

const forbiddenOr = (error: unknown, file: string): Error =>
  errnoOf(error) === 'EACCES'
    ? new EmbeddedPostgresError('FRAGMENT_EMBEDDED_FORBIDDEN', { detail: file, cause: error })
    : (error as Error);
