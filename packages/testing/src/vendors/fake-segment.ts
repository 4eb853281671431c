import { startFakeVendor, type FakeAnswer, type FakeRequest, type FakeVendor } from './fake-vendor.js';
import { basicCredentials, fieldsOf, isFields, type Fields } from './shapes.js';

/** A message that Segment answers with 200 and throws away. A test asserts that there are none. */
export interface DroppedMessage {
  readonly reason: string;
  readonly message: unknown;
}

/** Segment's HTTP Tracking API, refusing and silently dropping what the vendor does. */
export interface FakeSegment extends FakeVendor {
  /** Messages that were taken, each once, with a batch's context and integrations merged in. */
  readonly accepted: readonly Fields[];
  readonly duplicates: readonly Fields[];
  readonly dropped: readonly DroppedMessage[];
}

export interface FakeSegmentOptions {
  readonly writeKey: string;
  /**
   * A wrong key: `refuse` answers 401, `drop` answers 200 and drops, which the vendor is said to do as well
   * (destinations 3.2). Default `refuse`.
   */
  readonly wrongKey?: 'refuse' | 'drop';
}

/** destinations 3.2: limits in bytes. */
const maxMessageBytes = 32 * 1024;
const maxBatchBytes = 500 * 1024;
const maxBatchItems = 2500;
const maxMessageIdLength = 100;

const types = ['identify', 'track', 'page', 'screen', 'group', 'alias'];
const success: FakeAnswer = { status: 200, body: { success: true } };
const badRequest = (message: string): FakeAnswer => ({ status: 400, body: { success: false, message } });
const isText = (value: unknown): boolean =>
  (typeof value === 'string' && value !== '') || typeof value === 'number';

export async function startFakeSegment(o: FakeSegmentOptions): Promise<FakeSegment> {
  let key = o.writeKey;
  const accepted: Fields[] = [];
  const duplicates: Fields[] = [];
  const dropped: DroppedMessage[] = [];
  const seen = new Set<string>();

  const take = (message: unknown): void => {
    const reason = dropReason(message);
    if (reason !== undefined || !isFields(message)) {
      dropped.push({ reason: reason ?? 'not an object', message });
      return;
    }
    // destinations 3.2: dedupe on messageId
    const { messageId } = message;
    if (typeof messageId === 'string' && seen.has(messageId)) return void duplicates.push(message);
    if (typeof messageId === 'string') seen.add(messageId);
    accepted.push(message);
  };

  const receive = (request: FakeRequest, type: string): FakeAnswer => {
    const refused = refuseRequest(request, type);
    if (refused) return refused;
    const body = fieldsOf(request.body);
    const messages = type === 'batch' ? itemsOf(body) : [{ ...body, type }];
    const given = keyOf(request, body);
    if (given !== key) {
      // destinations 3.1: no key at all is refused; 3.2: a wrong one is refused or dropped
      if (given === undefined || o.wrongKey !== 'drop')
        return { status: 401, body: { success: false, message: 'Invalid write key' } };
      dropped.push(...messages.map((message) => ({ reason: 'wrong write key', message })));
    } else if (messages.length > maxBatchItems) {
      // destinations 3.2: too many events are answered 200 and dropped
      dropped.push(...messages.map((message) => ({ reason: 'more than 2,500 items', message })));
    } else messages.forEach(take);
    return success;
  };

  const vendor = await startFakeVendor((request) => {
    const type = /^\/v1\/(\w+)$/.exec(request.path)?.[1];
    if (type === undefined || ![...types, 'batch'].includes(type)) return { status: 404, body: 'Not Found' };
    // destinations 3.1: POST only
    if (request.method !== 'POST') return { status: 405, body: 'Method Not Allowed' };
    return receive(request, type);
  });
  return { ...vendor, accepted, duplicates, dropped, setKey: (next) => void (key = next) };
}

/** destinations 3.2: 400 only for size and JSON; one item that is too large spoils the batch. */
function refuseRequest(request: FakeRequest, type: string): FakeAnswer | undefined {
  if (request.bytes > (type === 'batch' ? maxBatchBytes : maxMessageBytes))
    return badRequest('Request body too large');
  // destinations 3.1: Content-Type application/json
  if (!(request.headers['content-type'] ?? '').startsWith('application/json'))
    return badRequest('Content-Type must be application/json');
  if (!isFields(request.body)) return badRequest('Malformed JSON');
  if (type !== 'batch') return undefined;
  const items = request.body['batch'];
  if (!Array.isArray(items)) return badRequest('batch must be an array');
  const tooLarge = items.some((item) => Buffer.byteLength(JSON.stringify(item)) > maxMessageBytes);
  return tooLarge ? badRequest('Message exceeds 32KB') : undefined;
}

/** destinations 3.3: batch-level context and integrations are merged into each item. */
function itemsOf(body: Fields): unknown[] {
  const merged = (item: Fields, name: string): Fields =>
    body[name] === undefined ? {} : { [name]: { ...fieldsOf(body[name]), ...fieldsOf(item[name]) } };
  return (body['batch'] as readonly unknown[]).map((item) =>
    isFields(item) ? { ...item, ...merged(item, 'context'), ...merged(item, 'integrations') } : item,
  );
}

/** destinations 3.1: the write key as user name with an empty password, colon included, or `writeKey` in the body. */
function keyOf(request: FakeRequest, body: Fields): string | undefined {
  const credentials = basicCredentials(request.headers.authorization);
  if (credentials) return credentials.password === '' ? credentials.user : undefined;
  return typeof body['writeKey'] === 'string' ? body['writeKey'] : undefined;
}

/** destinations 3.2 and 3.3: what is answered 200 and thrown away. */
function dropReason(message: unknown): string | undefined {
  if (!isFields(message)) return 'not an object';
  const type = String(message['type']);
  const wanting = (field: string): string | undefined => (isText(message[field]) ? undefined : `no ${field}`);
  if (!types.includes(type)) return `unknown type`;
  if (typeof message['messageId'] === 'string' && message['messageId'].length > maxMessageIdLength)
    return 'messageId too long';
  if (type === 'alias') return wanting('userId') ?? wanting('previousId');
  if (wanting('userId') && wanting('anonymousId')) return 'no userId or anonymousId';
  if (type === 'track') return wanting('event');
  return type === 'group' ? wanting('groupId') : undefined;
}
