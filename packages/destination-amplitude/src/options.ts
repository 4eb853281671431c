import { batchWaitFault, FragmentError, type Schedule, type Validation } from '@fragment/core';
import {
  hosts,
  reservedEventTypes,
  uploads,
  type Region,
  type TraitOperation,
  type UploadName,
} from './vendor.js';

export interface AmplitudeOptions {
  /** The project's API key. */
  readonly apiKey: string;
  /** The project's secret key. Only `check` uses it: without it no key can be proven right. */
  readonly secretKey?: string;
  /** Identity of the destination; two projects need two names. Default `amplitude`. */
  readonly name?: string;
  /** Where the project lives. Default `us`. */
  readonly region?: Region;
  /**
   * `http`: HTTP V2, near real time, requests of 1 MB. `batch`: Batch Event Upload, may lag by minutes, requests of 20 MB
   * and a far higher rate for one user. Default `http`.
   */
  readonly api?: UploadName;
  /** Base URL instead of the region's, for a proxy or a test. May be a private address. */
  readonly endpoint?: string;
  /** When jobs run and how long they are tried. Default: at once, for 72 hours. */
  readonly schedule?: Partial<Schedule>;
  /** How requests are filled. */
  readonly batch?: AmplitudeBatchOptions;
  /** `user`: one user's jobs run one after the other, so that an identify is there before the next track. Default `none`. */
  readonly ordering?: 'none' | 'user';
  /** Shorter ids are left out, and Amplitude is told to take the others. Its own default is 5. Default 1. */
  readonly minIdLength?: number;
  /** Traits of an identify that are added to what is there: numbers. Default none. */
  readonly traitsToIncrement?: readonly string[];
  /** Traits of which only the first value counts. Default none. */
  readonly traitsToSetOnce?: readonly string[];
  /** Traits of an identify that go to the end of a list. Default none. */
  readonly traitsToAppend?: readonly string[];
  /** Traits of an identify that go to the beginning of a list. Default none. */
  readonly traitsToPrepend?: readonly string[];
  /** Amplitude group type of group calls. Default `[Segment] Group`. */
  readonly groupType?: string;
  /** Trait of group calls that names the group type. Default: it is `groupType`. */
  readonly groupTypeTrait?: string;
  /** Trait of group calls that names the group. Default: it is the groupId. */
  readonly groupValueTrait?: string;
  /** One event type for all pages instead of `Viewed <name> Page`: a project has a limited number of event types. */
  readonly pageEvent?: string;
  /** One event type for all screens instead of `Viewed <name> Screen`. */
  readonly screenEvent?: string;
  /**
   * Which event of a completed order carries the revenue: `order` itself, or each `product`, so that it can be told by
   * product; then the order carries it only where no product has any. Default `order`.
   */
  readonly revenue?: 'order' | 'product';
  /** Events do not change the current properties of their users: for loading old data. Default false. */
  readonly skipUserPropertiesSync?: boolean;
  /** Sends alias calls to the user mapping, which needs the Portfolio add-on. Without it they make no jobs. Default false. */
  readonly alias?: boolean;
}

export interface AmplitudeBatchOptions {
  /** How long a call that is not full waits for more jobs of its kind, in milliseconds, up to an hour. Default 0: not at all. */
  readonly maxWaitMs?: number;
}

/** What mapping needs to know. */
export interface MappingSettings {
  readonly minIdLength: number;
  readonly traitOperations: ReadonlyMap<string, TraitOperation>;
  readonly groupType: string;
  readonly groupTypeTrait: string | undefined;
  readonly groupValueTrait: string | undefined;
  readonly pageEvent: string | undefined;
  readonly screenEvent: string | undefined;
  readonly revenue: 'order' | 'product';
  readonly skipUserPropertiesSync: boolean;
}

export interface Settings {
  readonly apiKey: string;
  readonly secretKey: string | undefined;
  readonly name: string;
  readonly region: Region;
  readonly api: UploadName;
  readonly baseUrls: { readonly events: string; readonly userMap: string; readonly dashboard: string };
  /** The operator named the endpoint, so it may be a private address. */
  readonly allowPrivate: boolean;
  readonly alias: boolean;
  readonly maxWaitMs: number;
  readonly mapping: MappingSettings;
}

/**
 * Fills in the defaults.
 * @throws {FragmentError} FRAGMENT_CONFIG_INVALID with everything that is wrong.
 */
export function readOptions(o: AmplitudeOptions): Settings {
  const validations = problemsOf(o);
  if (validations.length > 0) throw new FragmentError('FRAGMENT_CONFIG_INVALID', { validations });
  const { name = 'amplitude', region = 'us', api = 'http', endpoint } = o;
  return {
    apiKey: o.apiKey,
    secretKey: o.secretKey,
    name,
    region,
    api,
    baseUrls:
      endpoint === undefined ? hosts[region] : { events: endpoint, userMap: endpoint, dashboard: endpoint },
    allowPrivate: endpoint !== undefined,
    alias: o.alias ?? false,
    maxWaitMs: o.batch?.maxWaitMs ?? 0,
    mapping: {
      minIdLength: o.minIdLength ?? 1,
      traitOperations: new Map(traitEntriesOf(o)),
      groupType: o.groupType ?? '[Segment] Group',
      groupTypeTrait: o.groupTypeTrait,
      groupValueTrait: o.groupValueTrait,
      pageEvent: o.pageEvent,
      screenEvent: o.screenEvent,
      revenue: o.revenue ?? 'order',
      skipUserPropertiesSync: o.skipUserPropertiesSync ?? false,
    },
  };
}

const traitLists = {
  traitsToIncrement: '$add',
  traitsToSetOnce: '$setOnce',
  traitsToAppend: '$append',
  traitsToPrepend: '$prepend',
} as const satisfies Partial<Record<keyof AmplitudeOptions, TraitOperation>>;
const traitListNames = Object.keys(traitLists) as (keyof typeof traitLists)[];

const traitEntriesOf = (o: AmplitudeOptions): [string, TraitOperation][] =>
  traitListNames.flatMap((list) =>
    (o[list] ?? []).map((trait): [string, TraitOperation] => [trait, traitLists[list]]),
  );

type Rule = (value: unknown) => string | undefined;
const rule =
  (isRight: (value: unknown) => boolean, message: string): Rule =>
  (value) =>
    isRight(value) ? undefined : message;
const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '';
const oneOf = (...values: readonly unknown[]): Rule =>
  rule((value) => values.includes(value), `must be ${values.join(' or ')}`);
const text = rule(isText, 'must not be empty');
const flag = oneOf(true, false);
const eventType = rule(
  (value) => isText(value) && !reservedEventTypes.has(value.trim()),
  'must not be empty, nor an event type that Amplitude reserves',
);
const traitList = rule(
  (value) => Array.isArray(value) && value.every(isText),
  'must be a list of names of traits',
);

/** What each option must be, where it is given. */
const rules: Partial<Record<keyof AmplitudeOptions, Rule>> = {
  secretKey: text,
  name: text,
  region: oneOf(...Object.keys(hosts)),
  api: oneOf(...Object.keys(uploads)),
  endpoint: rule(isHttpUrl, 'must be an absolute http or https URL'),
  ordering: oneOf('none', 'user'),
  minIdLength: rule(
    (value) => Number.isSafeInteger(value) && Number(value) > 0,
    'must be a whole number from 1',
  ),
  ...Object.fromEntries(traitListNames.map((list) => [list, traitList])),
  groupType: text,
  groupTypeTrait: text,
  groupValueTrait: text,
  pageEvent: eventType,
  screenEvent: eventType,
  revenue: oneOf('order', 'product'),
  skipUserPropertiesSync: flag,
  alias: flag,
};

function problemsOf(o: AmplitudeOptions): Validation[] {
  const problems: Validation[] = [];
  const add = (option: string, message: string | undefined): void => {
    if (message !== undefined) problems.push({ message: `${option} ${message}`, path: [option] });
  };
  add('apiKey', isText(o.apiKey) ? undefined : 'must be the API key of the project');
  for (const [option, check] of Object.entries(rules)) {
    const value = o[option as keyof AmplitudeOptions];
    if (value !== undefined) add(option, check(value));
  }
  const waitFault = batchWaitFault(o.batch?.maxWaitMs);
  if (waitFault !== undefined)
    problems.push({ message: `batch.maxWaitMs ${waitFault}`, path: ['batch', 'maxWaitMs'] });
  return [...problems, ...traitsNamedTwice(o)];
}

/** A property can have one operation only. */
function traitsNamedTwice(o: AmplitudeOptions): Validation[] {
  const seen = new Set<unknown>();
  const twice: Validation[] = [];
  for (const list of traitListNames)
    for (const trait of Array.isArray(o[list]) ? o[list] : []) {
      if (seen.has(trait))
        twice.push({ message: `${list} names "${trait}", which is listed already`, path: [list] });
      seen.add(trait);
    }
  return twice;
}

function isHttpUrl(value: unknown): boolean {
  return typeof value === 'string' && URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);
}
