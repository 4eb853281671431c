import { Agent, request } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { testPostgres, type TestPostgres } from '@fragment/testing';
import { Opened, type World } from '../acceptance/world.js';
import { bytesOf, captureKeys, captures, messagesOf, type Capture } from './captures.js';
import { deliveredById, expectedMessage, storedMessages, wholeStore } from './expected.js';
import { mountings } from './mountings.js';

let database: TestPostgres;
const opened = new Opened();
const agent = new Agent({ keepAlive: true });
beforeAll(async () => {
  database = await testPostgres();
});
afterEach(() => opened.stop());
afterAll(async () => {
  agent.destroy();
  await database.stop();
});

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** Sends what was recorded, headers and all. Only the host, and the length of what was compressed anew, are today's. */
function replay(base: string, capture: Capture): Promise<Reply> {
  const { method, path, headers: recorded } = capture;
  const body = bytesOf(capture);
  const headers: Record<string, string> = { ...recorded, host: new URL(base).host };
  if (method === 'POST') headers['content-length'] = String(body.length);
  return new Promise((resolve, reject) => {
    const req = request(`${base}${path}`, { method, headers, agent }, (res) => {
      let text = '';
      res.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      res.on('end', () => resolve({ status: res.statusCode ?? 0, headers: res.headers, body: text }));
    });
    req.on('error', reject).end(body);
  });
}

/** What a browser sends is given the address it came from. */
const ipOf = ({ headers }: Capture): string | undefined =>
  headers['origin'] === undefined ? undefined : '127.0.0.1';

describe('the recordings', () => {
  it('are of every SDK, and are sent as they were, byte for byte', () => {
    expect(captures).toHaveLength(10);
    for (const capture of captures.flatMap(([, requests]) => requests)) {
      const bytes = bytesOf(capture);
      if (capture.headers['content-encoding'] === 'gzip')
        expect(JSON.parse(gunzipSync(bytes).toString())).toEqual(capture.body);
      else expect(bytes).toHaveLength(capture.rawLength);
    }
  });
});

describe.each(mountings)('recorded traffic, to a gateway $place', ({ open }) => {
  let world: World;
  beforeEach(async () => {
    world = await open({
      database,
      destinations: [],
      services: { gateway: true, scheduler: false },
      rest: { writeKeys: captureKeys },
    });
    opened.add(world);
  });

  it.each(captures)('%s: each message is stored once, with the right fields', async (_sdk, requests) => {
    const replies: Reply[] = [];
    for (const capture of requests) replies.push(await replay(world.gateway, capture));
    expect(replies.map(({ status }) => status)).toEqual(
      requests.map(({ method }) => (method === 'OPTIONS' ? 204 : 200)),
    );
    replies.forEach(({ headers, body }, index) => {
      const { method, headers: sent, path } = requests[index]!;
      if (sent['origin'] !== undefined) expect(headers['access-control-allow-origin']).toBe(sent['origin']);
      if (method === 'OPTIONS') expect(headers).toMatchObject(allowing(sent));
      if (method === 'GET') expect(settingsIn(body)).toMatchObject(toGateway(path));
    });

    const delivered = await deliveredById(world);
    const sent = requests.flatMap((capture) =>
      messagesOf(capture).map((message) => ({ message, ip: ipOf(capture) })),
    );
    expect([...delivered.keys()].sort()).toEqual(sent.map(({ message }) => message.item['messageId']).sort());
    for (const { message, ip } of sent) {
      const got = delivered.get(String(message.item['messageId']))!;
      expect(got).toEqual(expectedMessage(message, new Date(String(got['receivedAt'])), ip));
    }

    for (const capture of requests) expect((await replay(world.gateway, capture)).status).toBeLessThan(300);
    expect(await storedMessages(world)).toHaveLength(sent.length);
    const kept = `${await wholeStore(database.url, world.schema)}\n${JSON.stringify(world.log)}`;
    expect(kept).toContain(sent[0]!.message.item['messageId']);
    expect(captureKeys.filter((key) => kept.includes(key))).toEqual([]);
  });

  /** What the browser asked to be allowed. */
  const allowing = (sent: Capture['headers']) => ({
    'access-control-allow-methods': expect.stringContaining('POST') as unknown,
    'access-control-allow-headers': expect.stringContaining(
      sent['access-control-request-headers'] ?? '',
    ) as unknown,
  });

  const settingsIn = (body: string): unknown =>
    (JSON.parse(body) as { integrations: Record<string, unknown> }).integrations['Segment.io'];

  /** Settings that make analytics.js deliver to where it got them from. */
  const toGateway = (path: string) => ({
    apiKey: path.split('/')[3],
    apiHost: `${world.gateway.replace('http://', '')}/v1`,
    protocol: 'http',
  });
});
