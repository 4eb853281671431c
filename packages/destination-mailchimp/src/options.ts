import { FragmentError, type Schedule, type Validation } from '@fragment/core';
import { maxConnections } from './vendor.js';

export interface MailchimpOptions {
  readonly apiKey: string;
  /** For instance `us20`. Default: what stands behind the last dash of the key. */
  readonly datacenterId?: string;
  /** The audience (list) that contacts go to. A message may name another in `integrations.MailChimp.listId`. */
  readonly audienceId: string;
  /** New contacts become `pending` and get a confirmation mail, instead of `subscribed`. Default false. */
  readonly enableDoubleOptIn?: boolean;
  /** Track calls become events of the member. Without it they make no jobs. Default false. */
  readonly trackEvents?: boolean;
  /** Trait to merge tag, where the tag is not the trait's first ten letters and digits in upper case. Default none. */
  readonly mergeTags?: Readonly<Record<string, string>>;
  /** Identity of the destination; two audiences need two names. Default `mailchimp`. */
  readonly name?: string;
  /** Base URL instead of the datacenter's, for a proxy or a test. May be a private address. */
  readonly endpoint?: string;
  /** When jobs run and how long they are tried. Default: at once, for 72 hours. */
  readonly schedule?: Partial<Schedule>;
  /**
   * Requests in flight in one process. A key may have 10 connections, those of all processes together: with three
   * schedulers set 3. Default 9.
   */
  readonly concurrency?: number;
}

/** What mapping needs to know. */
export interface MappingSettings {
  readonly audienceId: string;
  readonly enableDoubleOptIn: boolean;
  readonly mergeTags: Readonly<Record<string, string>>;
}

export interface Settings {
  readonly apiKey: string;
  readonly name: string;
  readonly baseUrl: string;
  /** The operator named the endpoint, so it may be a private address. */
  readonly allowPrivate: boolean;
  readonly trackEvents: boolean;
  readonly concurrency: number;
  /** The key names another datacenter than the one that is used: probably a mistake, and then every call is a 401. */
  readonly otherDatacenter: { readonly used: string; readonly ofKey: string } | undefined;
  readonly mapping: MappingSettings;
}

const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '';
const isDatacenter = (value: string | undefined): boolean => /^[a-z]{2,}\d+$/.test(value ?? '');
const isMergeTag = (value: unknown): boolean => typeof value === 'string' && /^[A-Z0-9_]{1,10}$/.test(value);
const isHttpUrl = (value: string): boolean =>
  URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);

/**
 * Fills in the defaults.
 * @throws {FragmentError} FRAGMENT_CONFIG_INVALID with everything that is wrong.
 */
export function readOptions(o: MailchimpOptions): Settings {
  const ofKey = /-([a-z]{2,}\d+)$/.exec(o.apiKey)?.[1];
  const used = isText(o.datacenterId) ? o.datacenterId : ofKey;
  const settings: Settings = {
    apiKey: o.apiKey,
    name: o.name ?? 'mailchimp',
    // The version belongs to the paths; an endpoint may be written with it, as Mailchimp's documentation does.
    baseUrl: o.endpoint?.replace(/\/3\.0\/?$/, '') ?? `https://${used ?? ''}.api.mailchimp.com`,
    allowPrivate: o.endpoint !== undefined,
    trackEvents: o.trackEvents ?? false,
    concurrency: o.concurrency ?? maxConnections - 1,
    otherDatacenter:
      used !== undefined && ofKey !== undefined && ofKey !== used ? { used, ofKey } : undefined,
    mapping: {
      audienceId: o.audienceId,
      enableDoubleOptIn: o.enableDoubleOptIn ?? false,
      mergeTags: o.mergeTags ?? {},
    },
  };
  const validations = problemsOf(settings, o.endpoint, used);
  if (validations.length > 0) throw new FragmentError('FRAGMENT_CONFIG_INVALID', { validations });
  return settings;
}

function problemsOf(
  settings: Settings,
  endpoint: string | undefined,
  datacenter: string | undefined,
): Validation[] {
  const { apiKey, name, concurrency, mapping } = settings;
  const problems: Validation[] = [];
  const demand = (right: boolean, option: keyof MailchimpOptions, message: string): void => {
    if (!right) problems.push({ message: `${option} ${message}`, path: [option] });
  };
  demand(isText(apiKey), 'apiKey', 'must be a Marketing API key');
  demand(
    isText(mapping.audienceId) && /^\w+$/.test(mapping.audienceId),
    'audienceId',
    'must be the id of an audience: letters and digits',
  );
  if (endpoint === undefined)
    demand(
      isDatacenter(datacenter),
      'datacenterId',
      'must be like us20; it may be left out when the key ends with it',
    );
  else demand(isHttpUrl(endpoint), 'endpoint', 'must be an absolute http or https URL');
  demand(isText(name), 'name', 'must not be empty');
  const tags = Object.values(mapping.mergeTags);
  demand(tags.every(isMergeTag), 'mergeTags', 'must name tags of at most 10 of A-Z, 0-9 and _');
  const allowed = Number.isSafeInteger(concurrency) && concurrency > 0 && concurrency <= maxConnections;
  demand(allowed, 'concurrency', `must be a whole number from 1 to ${maxConnections}`);
  return problems;
}
