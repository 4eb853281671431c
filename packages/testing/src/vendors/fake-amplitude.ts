import { amplitudeLimiter, type AmplitudeIds } from './amplitude-limits.js';
import { depthOf, refusalOf } from './amplitude-rules.js';
import { startFakeVendor, type FakeAnswer, type FakeRequest, type FakeVendor } from './fake-vendor.js';
import { basicCredentials, fieldsOf, isFields, type Fields } from './shapes.js';

export interface FakeAmplitudeOptions {
  readonly apiKey: string;
  /** For the Dashboard REST API. Default `secret`. */
  readonly secretKey?: string;
}

/** Amplitude's HTTP V2, Batch, user mapping and user search endpoints, refusing what the vendor refuses. */
export interface FakeAmplitude extends FakeVendor {
  /** These send too much: 429 while a request has one of their events, until `recover`. */
  throttle(ids: AmplitudeIds): void;
  /** These are over their daily quota: the same, said so. */
  exhaust(ids: AmplitudeIds): void;
  /** These devices are blocked: 400 while a request has one of their events, until `recover`. */
  silence(devices: readonly string[]): void;
  /** Events that were ingested, each once, in order. */
  readonly accepted: readonly Fields[];
  /** Events that were recognised by their insert_id and not ingested again. */
  readonly duplicates: readonly Fields[];
  /** Entries of `mapping` that were taken. */
  readonly mappings: readonly Fields[];
}

const megabyte = 1024 * 1024;
/** destinations 1.2: 1 MB for HTTP V2, 20 MB for Batch; after decompression. */
const maxBytes: Readonly<Record<string, number>> = { '/2/httpapi': megabyte, '/batch': 20 * megabyte };
/** destinations 1.2: events per request. */
const maxEvents = 2000;
/** destinations 1.2: object depth. */
const maxDepth = 40;
/** destinations 1.2: ids have at least 5 characters unless `options.min_id_length` says otherwise. */
const defaultMinIdLength = 5;

const badRequest = (error: string, more: object = {}): FakeAnswer => ({
  status: 400,
  body: { code: 400, error, ...more },
});

export async function startFakeAmplitude(o: FakeAmplitudeOptions): Promise<FakeAmplitude> {
  let key = o.apiKey;
  const { secretKey = 'secret' } = o;
  const limiter = amplitudeLimiter();
  const { accepted, duplicates, ingest } = ingestion();
  const mappings: Fields[] = [];

  const upload = (request: FakeRequest): FakeAnswer => {
    const refused = refuseUpload(request, key);
    if (refused) return refused;
    const body = fieldsOf(request.body);
    const events = body['events'] as readonly Fields[];
    const minIdLength = fieldsOf(body['options'])['min_id_length'];
    return (
      refuseEvents(events, typeof minIdLength === 'number' ? minIdLength : defaultMinIdLength) ??
      limiter.refuse(events) ??
      ingest(events, request.bytes)
    );
  };

  const routes = new Map([
    ...Object.keys(maxBytes).map((path) => [path, { method: 'POST', respond: upload }] as const),
    ['/usermap', { method: 'POST', respond: (request: FakeRequest) => mapUsers(request, key, mappings) }],
    [
      '/api/2/usersearch',
      { method: 'GET', respond: (request: FakeRequest) => searchUsers(request, key, secretKey) },
    ],
  ]);
  const vendor = await startFakeVendor((request) => {
    const route = routes.get(request.path);
    // destinations 1.4: 404 for a wrong URL, 405 for a wrong method (1.1: always POST)
    if (!route) return { status: 404, body: 'Not Found' };
    if (request.method !== route.method) return { status: 405, body: 'Method Not Allowed' };
    return route.respond(request);
  });
  const { throttle, exhaust, silence } = limiter;
  return {
    ...vendor,
    ...{ accepted, duplicates, mappings, throttle, exhaust, silence },
    setKey: (next) => void (key = next),
    recover: () => {
      limiter.recover();
      vendor.recover();
    },
  };
}

/** What was ingested so far. */
function ingestion() {
  const accepted: Fields[] = [];
  const duplicates: Fields[] = [];
  const seen = new Set<string>();
  const ingest = (events: readonly Fields[], bytes: number): FakeAnswer => {
    for (const event of events) {
      // destinations 1.5: the same insert_id, on the same device_id when one is sent
      const identity = JSON.stringify([event['insert_id'], event['device_id'] ?? null]);
      const repeated = event['insert_id'] !== undefined && seen.has(identity);
      seen.add(identity);
      (repeated ? duplicates : accepted).push(event);
    }
    // destinations 1.4: body of a 200
    const counts = { events_ingested: events.length, payload_size_bytes: bytes };
    return { status: 200, body: { code: 200, ...counts, server_upload_time: Date.now() } };
  };
  return { accepted, duplicates, ingest };
}

function mapUsers(request: FakeRequest, key: string, mappings: Fields[]): FakeAnswer {
  const form = fieldsOf(request.body);
  // destinations 1.1: usermap takes a form with api_key and mapping; 1.4: it answers text
  if (!isForm(request)) return { status: 400, body: 'missing_event' };
  if (form['api_key'] !== key) return { status: 400, body: 'invalid_api_key' };
  const entries = parseMapping(form['mapping']);
  if (!entries) return { status: 400, body: 'missing_event' };
  mappings.push(...entries);
  return { status: 200, body: 'success' };
}

/** Dashboard REST API, user search: Basic auth with both keys. No user is found. */
function searchUsers({ headers, query }: FakeRequest, key: string, secretKey: string): FakeAnswer {
  const given = basicCredentials(headers.authorization);
  if (given?.user !== key || given.password !== secretKey) return { status: 403, body: '' };
  return query.has('user') ? { status: 200, body: { matches: [], type: 'nomatch' } } : { status: 400 };
}

const isForm = (request: FakeRequest): boolean =>
  (request.headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded');

/** What refuses the request as a whole. */
function refuseUpload(request: FakeRequest, key: string): FakeAnswer | undefined {
  // destinations 1.2, 1.4: request size
  if (request.bytes > (maxBytes[request.path] ?? 0)) return tooLarge;
  // destinations 1.1: JSON endpoints demand the JSON content type
  if (!(request.headers['content-type'] ?? '').startsWith('application/json'))
    return badRequest('Invalid JSON request body');
  // destinations 1.4: 400 without indices
  if (!isFields(request.body)) return badRequest('Invalid JSON request body');
  const { api_key: apiKey, events } = request.body;
  // destinations 1.1, 1.4: the api key in the body
  if (apiKey === undefined) return badRequest('Request missing required field', { missing_field: 'api_key' });
  if (apiKey !== key) return badRequest(`Invalid API key: ${typeof apiKey === 'string' ? apiKey : ''}`);
  if (!Array.isArray(events) || events.length === 0)
    return badRequest('Request missing required field', { missing_field: 'events' });
  // destinations 1.2: 2,000 events
  return events.length > maxEvents ? tooLarge : undefined;
}

const tooLarge: FakeAnswer = { status: 413, body: { code: 413, error: 'Payload too large' } };

/** destinations 1.4: a 400 with index maps, and nothing of the request is ingested. */
function refuseEvents(events: readonly unknown[], minIdLength: number): FakeAnswer | undefined {
  // destinations 1.2, 1.4: a broken event refuses the request without saying which one it was
  if (!events.every((event) => isFields(event) && depthOf(event) <= maxDepth))
    return badRequest('Invalid event JSON');
  const lists: Record<string, Record<string, number[]>> = {};
  events.forEach((event, index) => {
    const refusal = refusalOf(fieldsOf(event), minIdLength);
    if (!refusal) return;
    const fields = (lists[refusal.list] ??= {});
    (fields[refusal.field] ??= []).push(index);
  });
  if (Object.keys(lists).length === 0) return undefined;
  return badRequest('Invalid field values on some events', lists);
}

/** destinations 1.6 Alias: `{user_id, global_user_id}`, or `{user_id, unmap: true}` without a global id. */
function parseMapping(text: unknown): Fields[] | undefined {
  let entries: unknown;
  try {
    entries = JSON.parse(String(text));
  } catch {
    return undefined;
  }
  const isEntry = (entry: unknown): entry is Fields =>
    isFields(entry) &&
    typeof entry['user_id'] === 'string' &&
    (entry['unmap'] === true) !== (typeof entry['global_user_id'] === 'string');
  return Array.isArray(entries) && entries.length > 0 && entries.every(isEntry) ? entries : undefined;
}
