import { EventEmitter } from 'node:events';
import { Socket } from 'node:net';
import { PostgresConnection, PostgresQueueBackend, runMigrations, withBackend } from 'bullmq';
import type { PostgresConnectionOptions } from 'bullmq';
import pg from 'pg';
import {
  ROUND_TRIP_MS,
  eventStreams,
  messageOptions,
  workerSettings,
  type Broker,
  type LockSettings,
  type MessageQueue,
  type OpenWorker,
  type Process,
} from './broker.js';
import { pause, settledWithin, within } from './deadline.js';
import { closed, unavailable } from './failure.js';
import type { Message } from './message.js';
import { encodeName } from './names.js';
import type { BrokerWatch } from './watch.js';

export interface PostgresBrokerSettings extends LockSettings {
  readonly connection: string;
  readonly schema: string;
  readonly namespace: string;
  readonly watch: BrokerWatch;
}

/** Connections for all queues and workers together, besides the one that listens. */
const MAX_CONNECTIONS = 4;
const MIGRATION_MS = 60_000;
/** Wait after the database refused, so that a worker does not spin while it is away. */
const REFUSED_PAUSE_MS = 250;
const PROBE_MS = 250;

/** BullMQ on PostgreSQL, in a schema of its own. */
export class PostgresBroker implements Broker {
  readonly #settings: PostgresBrokerSettings;
  readonly #sockets = new Set<Socket>();
  readonly #closing = new AbortController();
  #opening: Promise<SharedConnection> | undefined;
  #connection: SharedConnection | undefined;
  #probing = false;

  constructor(settings: PostgresBrokerSettings) {
    this.#settings = settings;
  }

  async migrate(): Promise<void> {
    const client = new pg.Client({
      ...this.#clientSettings(),
      query_timeout: MIGRATION_MS,
      statement_timeout: MIGRATION_MS,
    });
    client.on('error', () => undefined);
    try {
      await within(client.connect(), ROUND_TRIP_MS);
      // BullMQ migrates in one transaction under an advisory lock: a second process waits, then finds nothing to do.
      await within(runMigrations(client, this.#settings.schema), MIGRATION_MS);
    } catch (error) {
      throw unavailable(error);
    } finally {
      await settledWithin(client.end(), 500);
    }
  }

  async ready(): Promise<void> {
    if (this.#closing.signal.aborted) throw closed();
    // BullMQ remembers a failed start for ever, so a connection that did not get ready is thrown away.
    this.#opening ??= this.#open().catch((error: unknown) => {
      this.#opening = undefined;
      throw unavailable(error);
    });
    await within(this.#opening, ROUND_TRIP_MS);
  }

  async ping(): Promise<void> {
    await this.ready();
    try {
      await within(this.#shared().pool.query('select 1'), ROUND_TRIP_MS);
    } catch (error) {
      throw unavailable(error);
    }
  }

  openQueue(destination: string): MessageQueue {
    const { Queue } = this.#classes(this.#shared());
    return new Queue<Message, void>(this.#queueName(destination), {
      connection: {},
      defaultJobOptions: messageOptions,
      streams: eventStreams,
    });
  }

  openWorker(destination: string, process: Process, concurrency: number): OpenWorker {
    const connection = this.#shared();
    const { Worker } = this.#classes(connection);
    const worker = new Worker<Message, void>(this.#queueName(destination), process, {
      ...workerSettings(concurrency, this.#settings),
      connection: {},
    });
    const backend = worker.getBackend();
    const wake = () => {
      // What BullMQ does for a backend that owns its connection: the wait ends, and the next one listens anew.
      void backend.disconnectBlocking();
      void backend.reconnectBlocking();
    };
    connection.on('listenerinvalidated', wake);
    worker.on('closed', () => connection.off('listenerinvalidated', wake));
    return { worker, recoverStalled: () => backend.moveStalledJobsToWait(), abandon: () => undefined };
  }

  async close(): Promise<void> {
    this.#closing.abort();
    const connection = await this.#opening?.catch(() => undefined);
    if (connection !== undefined) await settledWithin(connection.close(), 400);
    // A server that does not answer would keep them, and the process, for minutes.
    for (const socket of this.#sockets) socket.destroy();
  }

  #shared(): SharedConnection {
    if (this.#connection === undefined) throw closed();
    return this.#connection;
  }

  #queueName(destination: string): string {
    return `${this.#settings.namespace}/${encodeName(destination)}`;
  }

  /** BullMQ's classes on the shared connection; the option `connection` they insist on is not looked at. */
  #classes(connection: SharedConnection) {
    return withBackend<PatientBackend, PostgresConnectionOptions>(
      (name, options) => new PatientBackend(connection, name, options, false),
    );
  }

  async #open(): Promise<SharedConnection> {
    const connection = new SharedConnection({
      ...this.#clientSettings(),
      // What a crash of the server takes from the queue, the sweeper offers again: no message needs to wait for the disk.
      options: '-c synchronous_commit=off',
      max: MAX_CONNECTIONS,
      schema: this.#settings.schema,
    });
    connection.setMaxListeners(0);
    connection.on('error', (error: unknown) => this.#lost(connection, error));
    try {
      await connection.waitUntilReady();
    } catch (error) {
      this.#settings.watch.lost(this, error);
      await settledWithin(connection.close(), ROUND_TRIP_MS);
      throw error;
    }
    this.#settings.watch.back(this);
    this.#connection = connection;
    return connection;
  }

  #lost(connection: SharedConnection, error: unknown): void {
    if (this.#closing.signal.aborted) return;
    this.#settings.watch.lost(this, error);
    if (!this.#probing) void this.#probe(connection);
  }

  /** Asks until the database answers. */
  async #probe(connection: SharedConnection): Promise<void> {
    this.#probing = true;
    while (!this.#closing.signal.aborted) {
      await pause(PROBE_MS, this.#closing.signal);
      try {
        await connection.pool.query('select 1');
        this.#settings.watch.back(this);
        break;
      } catch {
        // Still away.
      }
    }
    this.#probing = false;
  }

  #clientSettings() {
    return {
      connectionString: this.#settings.connection,
      application_name: this.#settings.namespace.slice(0, 63),
      connectionTimeoutMillis: ROUND_TRIP_MS,
      query_timeout: 2 * ROUND_TRIP_MS,
      statement_timeout: 2 * ROUND_TRIP_MS,
      keepAlive: true,
      stream: () => {
        const socket = new Socket();
        this.#sockets.add(socket);
        socket.once('close', () => this.#sockets.delete(socket));
        return socket;
      },
    };
  }
}

/**
 * A server that dies right after it let a connection in says so before anybody could listen to that connection, and an
 * error nobody listens to ends the process. This client listens from its birth; who else listens is told as well.
 */
class GuardedClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    this.on('error', () => undefined);
    // BullMQ subscribes for all queues at once, and pg wants one statement at a time.
    const query = this.query.bind(this) as (...args: unknown[]) => Promise<unknown>;
    let last: Promise<unknown> = Promise.resolve();
    Reflect.set(this, 'query', (...args: unknown[]) => {
      const next = last.then(() => query(...args));
      last = next.catch(() => undefined);
      return next;
    });
  }
}

/** All workers of one process wait on the one connection that listens. */
class SharedConnection extends PostgresConnection {
  constructor(connection: PostgresConnectionOptions) {
    super(connection);
    this.pool.on('connect', (client: unknown) => {
      if (client instanceof EventEmitter) client.on('error', () => undefined);
    });
    // The connection that listens is made by BullMQ itself, from a module it keeps to itself.
    Reflect.set(this, 'pgModule', { ...pg, Client: GuardedClient });
  }

  override async getListenClient(): ReturnType<PostgresConnection['getListenClient']> {
    const client = await super.getListenClient();
    if (client instanceof EventEmitter) client.setMaxListeners(0);
    return client;
  }
}

class PatientBackend extends PostgresQueueBackend {
  override async moveToActive(token: string, name?: string): Promise<unknown[]> {
    try {
      const next: unknown[] = await super.moveToActive(token, name);
      return next;
    } catch (error) {
      await new Promise((resolve) => setTimeout(resolve, REFUSED_PAUSE_MS));
      throw error;
    }
  }
}
