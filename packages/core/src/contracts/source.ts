import type { Actions, Extraction, StoredEvent } from './events.js';
import type { Toolkit } from './toolkit.js';

/** Where data comes from. A plain object from a factory; does no I/O before `init`. */
export interface Source {
  /** Its identity: unique within the application and stored with every event. */
  readonly name: string;
  readonly triggers: readonly Trigger[];
  readonly versions?: Versions;
  /** Opens what it needs. A throw stops the start. Runs before the triggers begin. */
  init?(t: Toolkit): Promise<void>;
  /** Runs after the triggers ended. A throw is logged. */
  shutdown?(t: Toolkit): Promise<void>;
  /** What the admin API shows of its options. Never a secret. */
  readonly options?: Readonly<Record<string, unknown>>;
}

/** Supported versions of a source or destination; a date says since when one is deprecated. */
export interface Versions {
  readonly default: string;
  readonly supported: Readonly<Record<string, Date | null>>;
}

/** One way data arrives. */
export type Trigger = HttpTrigger | CronTrigger | SubscriptionTrigger | CdcTrigger;

interface TriggerBase {
  /** Unique within its source. */
  readonly name: string;
  /** What plans the jobs of its events. */
  readonly flows?: readonly Flow[];
}

/** Answers requests of the gateway. */
export interface HttpTrigger extends TriggerBase {
  readonly mode: 'http';
  readonly route: HttpRoute;
  /**
   * Reads one request. Pure parsing and validation: lookups belong here too, under `t.signal`.
   * @throws {FragmentError} with a 4xx status for a fault of the request; `rejection` of its meta is kept.
   */
  extract(request: IncomingRequest, t: TriggerToolkit): Extraction | Promise<Extraction>;
}

export interface HttpRoute {
  readonly methods: readonly string[];
  /** Starts with `/`. An exact path: no patterns. */
  readonly path: string;
  /** The answer tells id, times and jobs of the event. Default false. */
  readonly showMeta?: boolean;
  /** The answer repeats the event's data. Default false. */
  readonly showData?: boolean;
}

/** A request as a trigger sees it: complete, decompressed, within the limits. */
export interface IncomingRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
  /** The client's address as far as the gateway knows it. */
  readonly ip?: string;
  readonly receivedAt: Date;
}

/** Runs on a schedule, once per tick whatever the number of schedulers. */
export interface CronTrigger extends TriggerBase {
  readonly mode: 'cron';
  /** A cron pattern (five or six fields, UTC), `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly` or `@every 20s`. */
  readonly schedule: string;
  /** Returns nothing when nothing happened. */
  extract(tick: CronTick, t: TriggerToolkit): Promise<Extraction | undefined> | Extraction | undefined;
}

export interface CronTick {
  /** The time the schedule named, the same in every scheduler. */
  readonly scheduledAt: Date;
}

/** Reads a message broker. Needs a pubsub adapter: registering one without fails at start. */
export interface SubscriptionTrigger extends TriggerBase {
  readonly mode: 'subscription';
  readonly topic: string;
  readonly subscription?: string;
  extract(
    message: BrokerMessage,
    t: TriggerToolkit,
  ): Promise<Extraction | undefined> | Extraction | undefined;
}

export interface BrokerMessage {
  readonly body: Buffer;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Follows the changes of a database for as long as the signal lets it. Needs a runner: registering one without fails at start. */
export interface CdcTrigger extends TriggerBase {
  readonly mode: 'cdc';
  extract(t: TriggerToolkit): AsyncIterable<Extraction>;
}

export type TriggerToolkit = Toolkit;

/**
 * Decides which actions an event becomes. A pure, synchronous function of the stored event and the registered
 * destinations, so that planning can be repeated at any time: that is what replay is.
 */
export interface Flow {
  readonly name: string;
  /** Default true. */
  readonly enabled?: boolean;
  transform(event: StoredEvent, t: FlowToolkit): Actions;
}

export interface FlowToolkit {
  readonly destinations: readonly FlowDestination[];
}

/** What a flow may know of a destination. */
export interface FlowDestination {
  readonly name: string;
  /** Its switch in a message's `integrations`. */
  readonly integration: string;
  readonly accepts?: 'segment';
  readonly actions: readonly string[];
}
