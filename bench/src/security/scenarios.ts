import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { brotliCompressSync, constants, deflateSync, gzipSync } from 'node:zlib';
import { drive } from '../driver.js';
import { trackEvent } from '../event.js';
import { Client, quantile, type Request, type Timed } from './client.js';
import { KEY, keyed, type RunningService } from './service.js';

/** One line of the table. */
export interface Figure {
  readonly row: string;
  readonly what: string;
  readonly value: string;
}

const ms = (value: number): string => `${value.toFixed(value < 10 ? 2 : 0)} ms`;
const loaded = { path: '/v1/track', connections: 32, body: () => keyed(trackEvent()) };

async function sendAll(port: number, requests: readonly Request[]): Promise<Timed[]> {
  const client = new Client(port);
  const answers: Timed[] = [];
  try {
    for (const request of requests) answers.push(await client.send(request));
  } finally {
    client.close();
  }
  return answers;
}

function expectStatus(status: number, answers: readonly Timed[]): void {
  const other = answers.find((answer) => answer.status !== status);
  if (other) throw new Error(`${other.status} where ${status} was expected`);
}

/** The slowest of the requests, each by the median of its tries: what the machine does meanwhile is not theirs. */
async function slowestOf(
  port: number,
  requests: readonly Request[],
): Promise<{ slowest: number; answers: Timed[] }> {
  const rounds: Timed[][] = [];
  for (let round = 0; round < 5; round += 1) rounds.push(await sendAll(port, requests));
  const medians = requests.map((_, n) =>
    quantile(
      rounds.map((round) => round[n]?.ms ?? 0),
      0.5,
    ),
  );
  return { slowest: Math.max(...medians), answers: rounds.flat() };
}

export async function depth({ port }: RunningService): Promise<Figure[]> {
  const bodies = [65, 1_000, 5_000, 20_000, 200_000].flatMap((levels) =>
    ['[', '{"a":', '[{"a":'].flatMap((open) => [
      { body: open.repeat(levels).slice(0, 510_000) },
      { body: `{"batch":[{"type":"track","p":${open.repeat(levels).slice(0, 510_000)}`, path: '/v1/batch' },
    ]),
  );
  const { slowest, answers } = await slowestOf(port, bodies);
  expectStatus(400, answers);
  return [{ row: 'S1', what: '65 to 200,000 brackets: slowest 400', value: ms(slowest) }];
}

export async function bombs(service: RunningService): Promise<Figure[]> {
  const zeros = Buffer.alloc(256 * 1024 * 1024);
  const params = { [constants.BROTLI_PARAM_QUALITY]: 3 };
  const packed = {
    gzip: gzipSync(zeros),
    deflate: deflateSync(zeros),
    br: brotliCompressSync(zeros, { params }),
  };
  const requests = Object.entries(packed).flatMap(([name, body]): Request[] =>
    Array<Request>(30).fill({ body, headers: `content-encoding: ${name}\r\n` }),
  );
  // What the process keeps for good after its first bombs is not what the next ones cost.
  await sendAll(service.port, requests);
  const before = await service.rss();
  const answers = await sendAll(service.port, requests);
  expectStatus(400, answers);
  const grown = Math.max(0, (await service.rss()) - before) / 1024 / 1024;
  return [
    { row: 'S3', what: '90 bombs of 256 MB: memory grows by', value: `${grown.toFixed(0)} MB` },
    {
      row: 'S3',
      what: 'a bomb, median until its 400',
      value: ms(
        quantile(
          answers.map((a) => a.ms),
          0.5,
        ),
      ),
    },
  ];
}

/** Texts on which a careless pattern goes back and forth for ever. */
const attacks = [
  'a',
  '0',
  ' ',
  '\\t',
  '-',
  ':',
  '.',
  '2026-',
  '00:',
  '+00:00',
  'a.',
  '@',
  '%41',
  '((a+)+)',
  'é',
];
const fields = [
  'timestamp',
  'sentAt',
  'originalTimestamp',
  'userId',
  'messageId',
  'event',
  'context',
  'type',
];

export async function patterns({ port }: RunningService): Promise<Figure[]> {
  const bodies = attacks.flatMap((attack) =>
    fields.map((field) => {
      const text = attack.repeat(Math.floor(30_000 / Buffer.byteLength(attack)));
      return { body: keyed(`{"anonymousId":"a","event":"e","${field}":"${text}!"}`) };
    }),
  );
  const { slowest } = await slowestOf(port, bodies);
  return [{ row: 'S7', what: '15 texts of 30 KB in 8 fields: slowest answer', value: ms(slowest) }];
}

export async function slowSockets({ port }: RunningService): Promise<Figure[]> {
  const load = { ...loaded, port };
  await drive({ ...load, seconds: 2 });
  const alone = await drive({ ...load, seconds: 3 });
  const sockets = await Promise.all(
    Array.from({ length: 1_000 }, async (_, n) => {
      const socket: Socket = connect(port, '127.0.0.1');
      await once(socket, 'connect');
      socket.on('error', () => undefined);
      const body = 'content-length: 100000\r\n\r\n{';
      socket.write(`POST /v1/track HTTP/1.1\r\nhost: x\r\n${n % 2 === 0 ? 'x-slow: ' : body}`);
      return socket;
    }),
  );
  // Every socket a byte each two seconds, and never many at once: the driver measures on the same thread.
  let next = 0;
  const drip = setInterval(() => {
    for (let n = 0; n < 5; n += 1) sockets[(next += 1) % sockets.length]?.write('a');
  }, 10);
  const beside = await drive({ ...load, seconds: 3 });
  clearInterval(drip);
  for (const socket of sockets) socket.destroy();
  return [
    { row: 'S9', what: 'p99 of 32 busy connections, alone', value: ms(alone.p99Ms) },
    { row: 'S9', what: 'the same beside 1,000 dripping sockets', value: ms(beside.p99Ms) },
  ];
}

/** A key that differs in its last character, and one that differs in its first. */
export async function keys({ port }: RunningService): Promise<Figure[]> {
  const near = `${KEY.slice(0, -1)}~`;
  const far = `~${KEY.slice(1)}`;
  const body = '{"userId":"u","event":"e"}';
  const client = new Client(port);
  const times: Record<string, number[]> = { [near]: [], [far]: [] };
  for (let n = 0; n < 12_000; n += 1) {
    for (const key of n % 2 === 0 ? [near, far] : [far, near]) {
      const answer = await client.send({ body: keyed(body, key) });
      expectStatus(401, [answer]);
      // The first are slow whatever they carry.
      if (n >= 2_000) times[key]?.push(answer.ms);
    }
  }
  client.close();
  const [right, wrong] = [near, far].map((key) => quantile(times[key] ?? [], 0.5)) as [number, number];
  return [
    {
      row: 'S10',
      what: '401 to a key with a right beginning, p50',
      value: `${(right * 1_000).toFixed(1)} µs`,
    },
    {
      row: 'S10',
      what: '401 to a key with a wrong beginning, p50',
      value: `${(wrong * 1_000).toFixed(1)} µs`,
    },
    { row: 'S10', what: 'difference', value: `${((right / wrong - 1) * 100).toFixed(1)} %` },
  ];
}
