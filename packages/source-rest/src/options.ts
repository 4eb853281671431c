import { FragmentError, type Flow, type Validation } from '@fragment/core';
import { MESSAGE_TYPES, type MessageType } from '@fragment/segment-spec';
import { keyProblems, namedKeys, type NamedKey, type WriteKey } from './write-keys.js';

/** What plans the jobs: for every type of message, or by type. */
export type RestFlows = readonly Flow[] | Partial<Readonly<Record<MessageType, readonly Flow[]>>>;

/** What flows may plan, as far as their types say it. */
export type PlanOf<Flows extends RestFlows> = ReturnType<FlowIn<Flows>['transform']>;

type FlowIn<Flows extends RestFlows> = Flows extends readonly Flow[]
  ? Flows[number]
  : Extract<Flows[keyof Flows], readonly Flow[]>[number];

/** How the Segment API is served. Everything has a default. */
export interface RestOptions<Name extends string = string, Flows extends RestFlows = RestFlows> {
  /** The source's identity, stored with every event. Default `rest`. */
  readonly name?: Name;
  /** Stands before every route, for instance `/segment`. Default none. */
  readonly prefix?: string;
  /** Answers tell id, times and jobs of the event. Default false. */
  readonly showMeta?: boolean;
  /** Answers repeat the event's data. Default false. */
  readonly showData?: boolean;
  /** Refuse top-level fields that neither the specification names nor an SDK adds. Default false. */
  readonly strict?: boolean;
  /**
   * Who may send; several keys are valid at once, so that they can be exchanged one by one. `any`, or nothing: everybody.
   */
  readonly writeKeys?: readonly (WriteKey | string)[] | 'any' | undefined;
  /** What plans the jobs: for every type of message, or by type. Default: none, so messages are stored and no more. */
  readonly flows?: Flows;
  /**
   * Fill a missing `context.ip` with the sender's address where the sender is the user's own device: on the routes of
   * browsers and pixels, and for messages that say `context.direct: true`. Default true.
   */
  readonly contextIp?: boolean;
  /**
   * Under which URL browsers reach the gateway's routes, for instance `https://cdp.example.com`; `prefix` follows it.
   * Told in the settings that they ask for. Default: where they asked.
   */
  readonly publicUrl?: string;
  readonly limits?: Partial<RestLimits>;
}

/** What a request may hold. */
export interface RestLimits {
  /**
   * Bytes of one message. SDKs measure before they add their own fields (`_metadata`, `context.library`, the ids), so
   * a message may have 1,024 bytes more than this. Default 32,768.
   */
  readonly eventBytes: number;
  /** Bytes of one request. The gateway has the same limit and comes first: raise both. Default 512,000. */
  readonly requestBytes: number;
  /** Messages in one batch. Default 2,500. */
  readonly batchItems: number;
  /** Levels of objects and arrays in one message, at most 1,000. Default 64. */
  readonly depth: number;
}

export interface RestSettings {
  readonly name: string;
  readonly prefix: string;
  readonly showMeta: boolean;
  readonly showData: boolean;
  readonly strict: boolean;
  /** undefined: everybody may send. */
  readonly writeKeys: readonly NamedKey[] | undefined;
  readonly flows: Readonly<Record<MessageType, readonly Flow[]>>;
  readonly contextIp: boolean;
  /** undefined: where they asked. */
  readonly publicUrl: URL | undefined;
  readonly limits: RestLimits;
}

const defaultLimits: RestLimits = { eventBytes: 32_768, requestBytes: 512_000, batchItems: 2_500, depth: 64 };

/** Nothing that is read is walked by more than this many nested calls. */
const MAX_DEPTH = 1_000;

/** @throws {FragmentError} FRAGMENT_CONFIG_INVALID with every problem at once; never with a key. */
export function settingsOf(o: RestOptions): RestSettings {
  const { name = 'rest', prefix = '', writeKeys = 'any' } = o;
  const limits = { ...defaultLimits, ...o.limits };
  const problems = [
    ...problemIf(name === '', 'name', 'name must not be empty'),
    ...problemIf(
      !/^(?:\/[\w.~-]+)*$/.test(prefix),
      'prefix',
      'prefix must be like /segment: it starts with / and does not end with it',
    ),
    ...problemIf(
      o.publicUrl !== undefined && publicUrlOf(o.publicUrl) === undefined,
      'publicUrl',
      'publicUrl must be like https://cdp.example.com: http or https, without query and fragment',
    ),
    ...limitProblems(limits),
    ...(writeKeys === 'any' ? [] : keyProblems(writeKeys)),
    ...flowProblems(o.flows),
  ];
  if (problems.length > 0) throw new FragmentError('FRAGMENT_CONFIG_INVALID', { validations: problems });
  return {
    name,
    prefix,
    showMeta: o.showMeta ?? false,
    showData: o.showData ?? false,
    strict: o.strict ?? false,
    writeKeys: writeKeys === 'any' ? undefined : namedKeys(writeKeys),
    flows: flowsByType(o.flows ?? []),
    contextIp: o.contextIp ?? true,
    publicUrl: o.publicUrl === undefined ? undefined : publicUrlOf(o.publicUrl),
    limits,
  };
}

function problemIf(wrong: boolean, option: string, message: string): Validation[] {
  return wrong ? [{ message, path: ['rest', ...option.split('.')] }] : [];
}

function publicUrlOf(text: string): URL | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const plain = url.search === '' && url.hash === '' && url.username === '' && url.password === '';
  return plain && /^https?:$/.test(url.protocol) ? url : undefined;
}

function limitProblems(limits: RestLimits): Validation[] {
  const positive = Object.entries(limits).flatMap(([limit, value]) =>
    problemIf(
      !Number.isInteger(value) || value < 1,
      `limits.${limit}`,
      `limits.${limit} must be a whole number from 1`,
    ),
  );
  const tooDeep = problemIf(
    limits.depth > MAX_DEPTH,
    'limits.depth',
    `limits.depth must be at most ${MAX_DEPTH}`,
  );
  return [...positive, ...tooDeep];
}

function isList(flows: RestOptions['flows']): flows is readonly Flow[] {
  return Array.isArray(flows);
}

function flowProblems(flows: RestOptions['flows']): Validation[] {
  if (flows === undefined || isList(flows)) return [];
  const types: readonly string[] = MESSAGE_TYPES;
  return Object.keys(flows).flatMap((type) =>
    problemIf(
      !types.includes(type),
      `flows.${type}`,
      `flows.${type}: the types are ${MESSAGE_TYPES.join(', ')}`,
    ),
  );
}

function flowsByType(flows: NonNullable<RestOptions['flows']>): RestSettings['flows'] {
  const entries = MESSAGE_TYPES.map((type) => [type, isList(flows) ? flows : (flows[type] ?? [])]);
  return Object.fromEntries(entries) as RestSettings['flows'];
}
