import { FragmentError, type Schedule, type Validation } from '@fragment/core';
import { hosts, type Region } from './vendor.js';

export interface AmplitudeOptions {
  /** The project's API key. */
  readonly apiKey: string;
  /** Identity of the destination; two projects need two names. Default `amplitude`. */
  readonly name?: string;
  /** Where the project lives. Default `us`. */
  readonly region?: Region;
  /** Base URL instead of the region's, for a proxy or a test. May be a private address. */
  readonly endpoint?: string;
  /** When jobs run and how long they are tried. Default: at once, for 72 hours. */
  readonly schedule?: Partial<Schedule>;
  /** `user`: one user's jobs run one after the other, so that an identify is there before the next track. Default `none`. */
  readonly ordering?: 'none' | 'user';
  /** Shorter ids are left out, and Amplitude is told to take the others. Its own default is 5. Default 1. */
  readonly minIdLength?: number;
  /** Amplitude group type of group calls. Default `[Segment] Group`. */
  readonly groupType?: string;
  /** One event type for all pages instead of `Viewed <name> Page`: a project has a limited number of event types. */
  readonly pageEvent?: string;
  /** One event type for all screens instead of `Viewed <name> Screen`. */
  readonly screenEvent?: string;
  /** Sends alias calls to the user mapping, which needs the Portfolio add-on. Without it they make no jobs. Default false. */
  readonly alias?: boolean;
}

/** What mapping needs to know. */
export interface MappingSettings {
  readonly minIdLength: number;
  readonly groupType: string;
  readonly pageEvent: string | undefined;
  readonly screenEvent: string | undefined;
}

export interface Settings {
  readonly apiKey: string;
  readonly name: string;
  readonly region: Region;
  readonly baseUrls: { readonly events: string; readonly userMap: string };
  /** The operator named the endpoint, so it may be a private address. */
  readonly allowPrivate: boolean;
  readonly alias: boolean;
  readonly mapping: MappingSettings;
}

/**
 * Fills in the defaults.
 * @throws {FragmentError} FRAGMENT_CONFIG_INVALID with everything that is wrong.
 */
export function readOptions(o: AmplitudeOptions): Settings {
  const {
    apiKey,
    name = 'amplitude',
    region = 'us',
    endpoint,
    minIdLength = 1,
    groupType = '[Segment] Group',
  } = o;
  const problems: Validation[] = [];
  const demand = (right: boolean, option: keyof AmplitudeOptions, message: string): void => {
    if (!right) problems.push({ message: `${option} ${message}`, path: [option] });
  };
  demand(isText(apiKey), 'apiKey', 'must be the API key of the project');
  demand(isText(name), 'name', 'must not be empty');
  demand(Object.hasOwn(hosts, region), 'region', 'must be us or eu');
  demand(endpoint === undefined || isHttpUrl(endpoint), 'endpoint', 'must be an absolute http or https URL');
  demand(
    Number.isSafeInteger(minIdLength) && minIdLength > 0,
    'minIdLength',
    'must be a whole number from 1',
  );
  demand(isText(groupType), 'groupType', 'must not be empty');
  demand(o.pageEvent === undefined || isText(o.pageEvent), 'pageEvent', 'must not be empty');
  demand(o.screenEvent === undefined || isText(o.screenEvent), 'screenEvent', 'must not be empty');
  if (problems.length > 0) throw new FragmentError('FRAGMENT_CONFIG_INVALID', { validations: problems });
  return {
    apiKey,
    name,
    region,
    baseUrls: endpoint === undefined ? hosts[region] : { events: endpoint, userMap: endpoint },
    allowPrivate: endpoint !== undefined,
    alias: o.alias ?? false,
    mapping: { minIdLength, groupType, pageEvent: o.pageEvent, screenEvent: o.screenEvent },
  };
}

const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '';
const isHttpUrl = (value: string): boolean =>
  URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);
