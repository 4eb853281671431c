import { batchWaitFault, FragmentError, type Schedule, type Validation } from '@fragment/core';
import { LARGEST_EVENT } from './message.js';

export interface SegmentOptions {
  /** Of the Segment source that receives the events. */
  readonly writeKey: string;
  /** The destination's identity. Default `segment`. */
  readonly name?: string;
  /**
   * Base URL of the Tracking API, for a proxy or a region of its own; wins over `region`. Private addresses are allowed
   * for it, since the operator wrote it. Default `https://api.segment.io`.
   */
  readonly endpoint?: string;
  /**
   * Where the workspace is. Default `us`. The US host accepts keys of EU workspaces without an error and the events
   * never show up, so this must be right.
   */
  readonly region?: 'us' | 'eu';
  readonly schedule?: Partial<Schedule>;
  readonly batch?: SegmentBatchOptions;
  /**
   * Marks every message in `context.fragment`, and discards one that comes back with this destination's mark. For an
   * installation that Segment itself sends events to. Default false.
   */
  readonly loopGuard?: boolean;
}

/** How much one request carries. */
export interface SegmentBatchOptions {
  /** Events, 1 to 2,500. Default 250, as Segment's own Go library sends: above it a request saves next to nothing. */
  readonly maxJobs?: number;
  /**
   * Bytes of the body, 40,000 to 500,000, which is what Segment takes. Default 480,000, as Segment's own Node library
   * sends: a proxy on the way may count differently.
   */
  readonly maxBytes?: number;
  /** How long a request that is not full waits for more events, in milliseconds, up to an hour. Default 0: not at all. */
  readonly maxWaitMs?: number;
}

/** Options with their defaults, checked. */
export interface SegmentSettings {
  readonly writeKey: string;
  readonly name: string;
  readonly baseUrl: string;
  /** The operator named the endpoint. */
  readonly ownEndpoint: boolean;
  readonly schedule: Partial<Schedule> | undefined;
  readonly maxJobs: number;
  readonly maxBytes: number;
  readonly maxWaitMs: number;
  readonly loopGuard: boolean;
}

/** Segment, "HTTP Tracking API: Regional configuration". */
const HOSTS = { us: 'https://api.segment.io', eu: 'https://events.eu1.segmentapis.com' } as const;

/** @throws {FragmentError} FRAGMENT_CONFIG_INVALID with everything that is wrong. */
export function readOptions(o: SegmentOptions): SegmentSettings {
  const { name = 'segment', region = 'us', endpoint, batch, loopGuard = false } = o;
  const { maxJobs = 250, maxBytes = 480_000, maxWaitMs = 0 } = batch ?? {};
  const validations: Validation[] = [];
  const demand = (met: boolean, path: readonly string[], message: string) => {
    if (!met) validations.push({ message: `${path.join('.')} ${message}`, path });
  };
  demand(isText(o.writeKey), ['writeKey'], 'must be the write key of a Segment source');
  demand(isText(name), ['name'], 'must be a name');
  demand(Object.hasOwn(HOSTS, region), ['region'], 'must be us or eu');
  demand(
    endpoint === undefined || isHttpUrl(endpoint),
    ['endpoint'],
    'must be a URL that begins with https:// or http://',
  );
  demand(isWithin(maxJobs, 1, 2_500), ['batch', 'maxJobs'], 'must be a whole number from 1 to 2500');
  demand(
    isWithin(maxBytes, SMALLEST_BATCH, 500_000),
    ['batch', 'maxBytes'],
    'must be a whole number from 40000 to 500000',
  );
  const waitFault = batchWaitFault(maxWaitMs);
  demand(waitFault === undefined, ['batch', 'maxWaitMs'], waitFault ?? '');
  demand(typeof loopGuard === 'boolean', ['loopGuard'], 'must be true or false');
  if (validations.length > 0) throw new FragmentError('FRAGMENT_CONFIG_INVALID', { validations });
  return {
    writeKey: o.writeKey,
    name,
    // The documentation writes the EU address with the version in it.
    baseUrl: (endpoint ?? HOSTS[region]).replace(/(\/v1)?\/*$/, ''),
    ownEndpoint: endpoint !== undefined,
    schedule: o.schedule,
    maxJobs,
    maxBytes,
    maxWaitMs,
    loopGuard,
  };
}

/** A batch must have room for any single event and its frame. */
const SMALLEST_BATCH = Math.ceil(LARGEST_EVENT / 10_000) * 10_000;

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '';
}

function isWithin(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

function isHttpUrl(value: string): boolean {
  return URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);
}
