import type { FragmentError } from '../errors/fragment-error.js';
import type { Actions, Extraction, StoredEvent } from './events.js';
import type { IngestAnswer } from './ingest.js';
import type { Toolkit } from './toolkit.js';
import type { Versions } from './versions.js';

/**
 * Where data comes from. A plain object from a factory; does no I/O before `init`.
 *
 * @typeParam Name its name, where that is known when the code is compiled.
 * @typeParam Plan what its flows may plan, where that is known then.
 */
export interface Source<Name extends string = string, Plan extends Actions = Actions> {
  /** Its identity: unique within the application and stored with every event. */
  readonly name: Name;
  readonly triggers: readonly Trigger<Plan>[];
  readonly versions?: Versions;
  /** Opens what it needs. A throw stops the start. Runs before the triggers begin. */
  init?(t: Toolkit): Promise<void>;
  /** Runs after the triggers ended. A throw is logged. */
  shutdown?(t: Toolkit): Promise<void>;
  /** What the admin API shows of its options. Never a secret. */
  readonly options?: Readonly<Record<string, unknown>>;
}

/** One way data arrives. */
export type Trigger<Plan extends Actions = Actions> =
  HttpTrigger<Plan> | CronTrigger<Plan> | SubscriptionTrigger<Plan> | CdcTrigger<Plan>;

interface TriggerBase<Plan extends Actions> {
  /** Unique within its source. */
  readonly name: string;
  /** What plans the jobs of its events. */
  readonly flows?: readonly Flow<Plan>[];
}

/** Answers requests of the gateway. */
export interface HttpTrigger<Plan extends Actions = Actions> extends TriggerBase<Plan> {
  readonly mode: 'http';
  readonly route: HttpRoute;
  /**
   * Reads one request. Pure parsing and validation: lookups belong here too, under `t.signal`.
   * @throws {FragmentError} with a 4xx status for a fault of the request; `rejection` of its meta is kept.
   */
  extract(request: IncomingRequest, t: TriggerToolkit): Extraction | NoEvent | Promise<Extraction | NoEvent>;
  /**
   * Answers in place of the gateway, whatever became of the request: for senders that want no JSON. Must not throw.
   * @param outcome a FragmentError for a request that was refused or could not be committed.
   */
  reply?(outcome: IngestAnswer | FragmentError): HttpReply;
}

/** A request that was understood and brings no event. It is counted under its reason. */
export interface NoEvent {
  /** A few constant words: `sdk metrics`. */
  readonly noEvent: string;
  /** Default: 200 and `success`. */
  readonly reply?: HttpReply;
}

/** An answer as a trigger wants it. The gateway adds length and CORS headers. */
export interface HttpReply {
  readonly status: number;
  /** Lower-case names, `content-type` among them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

export interface HttpRoute {
  readonly methods: readonly string[];
  /**
   * Where it answers; the first is the one to show. Starts with `/`. Compared exactly, but for a segment such as `:id`,
   * which stands for any one segment and is handed over in `request.params`. Exact paths come first.
   */
  readonly path: string | readonly string[];
  /** The answer tells id, times and jobs of the event. Default false. */
  readonly showMeta?: boolean;
  /** The answer repeats the event's data. Default false. */
  readonly showData?: boolean;
}

/** A request as a trigger sees it: complete, decompressed, within the limits. */
export interface IncomingRequest {
  readonly method: string;
  /** Without what a host has mounted the gateway under. */
  readonly path: string;
  /** What the `:name` segments of the route matched, decoded. */
  readonly params?: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
  /** The client's address as far as the gateway knows it. */
  readonly ip?: string;
  /** Under which URL the client reaches the gateway's routes, without a slash at its end: `https://cdp.example.com/segment`. */
  readonly base?: string;
  readonly receivedAt: Date;
}

/** Runs on a schedule, once per tick whatever the number of schedulers. */
export interface CronTrigger<Plan extends Actions = Actions> extends TriggerBase<Plan> {
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
export interface SubscriptionTrigger<Plan extends Actions = Actions> extends TriggerBase<Plan> {
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
export interface CdcTrigger<Plan extends Actions = Actions> extends TriggerBase<Plan> {
  readonly mode: 'cdc';
  extract(t: TriggerToolkit): AsyncIterable<Extraction>;
}

export type TriggerToolkit = Toolkit;

/**
 * Decides which actions an event becomes. A pure, synchronous function of the stored event and the registered
 * destinations, so that planning can be repeated at any time: that is what replay is.
 *
 * @typeParam Plan what it may plan, where that is known when the code is compiled: `defineFlow` finds it out.
 */
export interface Flow<Plan extends Actions = Actions> {
  readonly name: string;
  /** Default true. */
  readonly enabled?: boolean;
  transform(event: StoredEvent, t: FlowToolkit): Plan;
}

export interface FlowToolkit {
  readonly destinations: readonly FlowDestination[];
}

/** What a flow may know of a destination. */
export interface FlowDestination {
  readonly name: string;
  /** The names of its switch in a message's `integrations`, the usual one first. */
  readonly integrations: readonly string[];
  readonly accepts?: 'segment';
  readonly actions: readonly string[];
}
