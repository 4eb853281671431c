import { batchWaitFault, FragmentError, type Schedule, type Validation } from '@fragment/core';
import { maxConnections } from './vendor.js';

/** One call writes so many: Mailchimp takes 500 at once, but its answers come slowly, and all may turn out to be known. */
export const maxContacts = 100;

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
  /** Tags that every contact gets. Default none. */
  readonly tags?: readonly string[];
  /**
   * Trait that holds tags: a text or a list of names to add, or an object of names and booleans to add and take away.
   * It is no merge field then. Default none.
   */
  readonly tagsTrait?: string;
  /** Lists among the traits become text, joined by commas. Default false: they are left out. */
  readonly joinArrays?: boolean;
  /** The first two letters of `context.locale` become the contact's language. Default false. */
  readonly sendLanguage?: boolean;
  /** `context.ip` becomes the address the contact signed up from. Only with the contact's consent. Default false. */
  readonly sendSignupIp?: boolean;
  /**
   * From so many waiting contacts of one audience on (2 to 100), those that are new are added by one request for all.
   * Known ones are written one by one in any case. false: so are new ones. Default 20.
   */
  readonly batchSubscribe?: number | false;
  /** How calls are filled. */
  readonly batch?: MailchimpBatchOptions;
  /**
   * `user`: one user's messages are written one after the other. `none`: a call takes all that wait, and writes several
   * messages of one contact at once; a message that is tried again may then overwrite a later one. Default `user`.
   */
  readonly ordering?: 'user' | 'none';
  /** Identity of the destination; two audiences need two names. Default `mailchimp`. */
  readonly name?: string;
  /** Base URL instead of the datacenter's, for a proxy or a test. May be a private address. */
  readonly endpoint?: string;
  /** When jobs run and how long they are tried. Default: at once, for 72 hours. */
  readonly schedule?: Partial<Schedule>;
  /**
   * Requests in flight in one process. An account may have 10 connections, those of all keys and processes together:
   * with three schedulers set 3. Default 9.
   */
  readonly concurrency?: number;
}

export interface MailchimpBatchOptions {
  /**
   * How long a call of fewer than 100 contacts waits for more, in milliseconds, up to an hour: more of them go by one
   * request then. Default 0: not at all.
   */
  readonly maxWaitMs?: number;
}

/** What mapping needs to know. */
export interface MappingSettings {
  readonly audienceId: string;
  readonly enableDoubleOptIn: boolean;
  readonly mergeTags: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  readonly tagsTrait: string | undefined;
  readonly joinArrays: boolean;
  readonly sendLanguage: boolean;
  readonly sendSignupIp: boolean;
}

export interface Settings {
  readonly apiKey: string;
  readonly name: string;
  readonly baseUrl: string;
  /** The operator named the endpoint, so it may be a private address. */
  readonly allowPrivate: boolean;
  readonly trackEvents: boolean;
  readonly batchSubscribe: number | false;
  readonly maxWaitMs: number;
  readonly ordering: 'user' | 'none';
  readonly concurrency: number;
  /** The key names another datacenter than the one that is used: probably a mistake, and then every call is a 401. */
  readonly otherDatacenter: { readonly used: string; readonly ofKey: string } | undefined;
  readonly mapping: MappingSettings;
}

const isWhole = (value: number, from: number, to: number): boolean =>
  Number.isSafeInteger(value) && value >= from && value <= to;
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
    batchSubscribe: o.batchSubscribe ?? 20,
    maxWaitMs: maxWaitMsOf(o),
    ordering: o.ordering ?? 'user',
    concurrency: o.concurrency ?? maxConnections - 1,
    otherDatacenter:
      used !== undefined && ofKey !== undefined && ofKey !== used ? { used, ofKey } : undefined,
    mapping: mappingOf(o),
  };
  const validations = problemsOf(settings, o.endpoint, used);
  if (validations.length > 0) throw new FragmentError('FRAGMENT_CONFIG_INVALID', { validations });
  return settings;
}

const maxWaitMsOf = ({ batch }: MailchimpOptions): number => batch?.maxWaitMs ?? 0;

function mappingOf(o: MailchimpOptions): MappingSettings {
  return {
    audienceId: o.audienceId,
    enableDoubleOptIn: o.enableDoubleOptIn ?? false,
    mergeTags: o.mergeTags ?? {},
    tags: o.tags ?? [],
    tagsTrait: o.tagsTrait,
    joinArrays: o.joinArrays ?? false,
    sendLanguage: o.sendLanguage ?? false,
    sendSignupIp: o.sendSignupIp ?? false,
  };
}

function problemsOf(
  settings: Settings,
  endpoint: string | undefined,
  datacenter: string | undefined,
): Validation[] {
  const { apiKey, name, batchSubscribe, ordering, concurrency, mapping } = settings;
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
  const mergeTags = Object.values(mapping.mergeTags);
  demand(mergeTags.every(isMergeTag), 'mergeTags', 'must name tags of at most 10 of A-Z, 0-9 and _');
  demand(mapping.tags.every(isText), 'tags', 'must be names that are not empty');
  demand(mapping.tagsTrait === undefined || isText(mapping.tagsTrait), 'tagsTrait', 'must not be empty');
  demand(['user', 'none'].includes(ordering), 'ordering', 'must be user or none');
  demand(
    batchSubscribe === false || isWhole(batchSubscribe, 2, maxContacts),
    'batchSubscribe',
    `must be false or a whole number from 2 to ${maxContacts}`,
  );
  const waitFault = batchWaitFault(settings.maxWaitMs);
  if (waitFault !== undefined)
    problems.push({ message: `batch.maxWaitMs ${waitFault}`, path: ['batch', 'maxWaitMs'] });
  demand(
    isWhole(concurrency, 1, maxConnections),
    'concurrency',
    `must be a whole number from 1 to ${maxConnections}`,
  );
  return problems;
}
