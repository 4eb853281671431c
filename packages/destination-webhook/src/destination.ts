import { createHash } from 'node:crypto';
import type {
  Action,
  Destination,
  JobResult,
  JsonObject,
  JsonValue,
  LeasedJob,
  LoadToolkit,
} from '@fragment/core';
import { createHttpClient, encodeJson, type HttpReply } from '@fragment/http-client';
import { materialise, type MessageType } from '@fragment/segment-spec';
import { discardedAsInvalid, judge, resultsOf, type Item } from './answers.js';
import { readOptions, type WebhookOptions, type WebhookSettings } from './options.js';
import { sign } from './signature.js';

/**
 * Sends events to a URL, signed as the Standard Webhooks specification 1.0.0 says (standardwebhooks.com).
 * @throws {FragmentError} FRAGMENT_CONFIG_INVALID with everything that is wrong with the options.
 */
export function webhook<const Name extends string = 'webhook'>(
  options: WebhookOptions & { readonly name?: Name },
): Destination<NoInfer<Name>, MessageType>;
export function webhook(options: WebhookOptions): Destination {
  const settings = readOptions(options);
  const client = createHttpClient({
    baseUrl: settings.origin,
    headers: settings.headers,
    secrets: settings.masked,
    timeoutMs: settings.timeoutMs,
    allow: options.allow ?? [],
    httpsOnly: options.allowHttp !== true,
    transport: 'undici',
  });
  const send = (items: readonly Item[], { clock, signal }: LoadToolkit): Promise<HttpReply> => {
    const body = bodyOf(items, settings);
    const id = idOf(items, settings);
    const timestamp = Math.floor(clock.now() / 1000);
    const headers = {
      'webhook-id': id,
      'webhook-timestamp': String(timestamp),
      ...(settings.keys.length > 0 && { 'webhook-signature': sign({ id, timestamp, body }, settings.keys) }),
    };
    return client.request({ method: settings.method, path: settings.target, headers, body, signal });
  };
  const action = (type: string): Action => ({
    name: type,
    ...(settings.batch && { batch: settings.batch }),
    load: (jobs, t) => deliver(jobs, settings, (items) => send(items, t)),
  });
  const { name, origin, method, types, keys, batch } = settings;
  return {
    name,
    accepts: 'segment',
    actions: types.map(action),
    ...(options.schedule && { schedule: options.schedule }),
    options: { endpoint: origin, method, types, signed: keys.length > 0, ...(batch && { batch }) },
    // Nobody knows which request a receiver would take without acting on it.
    check: () => Promise.resolve('unknown'),
    shutdown: () => client.close(),
  };
}

type Send = (items: readonly Item[]) => Promise<HttpReply>;

async function deliver(
  jobs: readonly LeasedJob[],
  { template, batch }: WebhookSettings,
  send: Send,
): Promise<readonly JobResult[]> {
  const results: JobResult[] = [];
  const items: Item[] = [];
  for (const job of jobs) {
    const message = messageOf(job);
    if (message) items.push({ job, text: encodeJson(template(message) ?? null) });
    else results.push(discardedAsInvalid(job));
  }
  const lists = batch && items.length > 0 ? [items] : items.map((item) => [item]);
  const sent = await Promise.all(lists.map((list) => deliverList(list, send)));
  return [...results, ...sent.flat()];
}

/** What is refused for one of its messages is sent again in halves, until that one is alone. */
async function deliverList(items: readonly Item[], send: Send): Promise<readonly JobResult[]> {
  const reply = await send(items);
  const verdict = judge(reply);
  if (verdict.outcome !== 'split' || items.length === 1) return resultsOf(items, reply, verdict);
  const middle = Math.ceil(items.length / 2);
  const first = await deliverList(items.slice(0, middle), send);
  return [...first, ...(await deliverList(items.slice(middle), send))];
}

/** The message; fields that a flow froze with the job win over the event's. undefined when it is not JSON. */
function messageOf({ event, data }: LeasedJob): Readonly<Record<string, unknown>> | undefined {
  try {
    return { ...materialise(event), ...(isObject(data) ? data : {}) };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function bodyOf(items: readonly Item[], { batch }: WebhookSettings): string {
  const texts = items.map(({ text }) => text).join(',');
  return batch ? `[${texts}]` : texts;
}

/** The same in every try of the same jobs. Made of job ids alone: nothing of the sender's can get into what is signed. */
function idOf(items: readonly Item[], { batch }: WebhookSettings): string {
  const ids = items.map(({ job }) => job.id.replaceAll('.', '_'));
  return batch ? createHash('sha256').update(ids.join()).digest('base64url') : ids.join();
}
