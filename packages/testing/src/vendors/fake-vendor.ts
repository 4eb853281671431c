import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

/** One request as the fake saw it, whether it was taken or refused. */
export interface FakeRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** Size in bytes after decompression, which is what the vendors count. */
  readonly bytes: number;
  readonly text: string;
  /** The parsed JSON, the fields of a form, or undefined when the body is neither. */
  readonly body: unknown;
}

export interface FakeAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A string is sent as it is, anything else as JSON. Default: no body. */
  readonly body?: unknown;
  /** The connection is reset instead. Default false. */
  readonly close?: boolean;
}

/** An answer that takes the place of the fake's own. */
export interface ScriptedAnswer extends FakeAnswer {
  /** How many requests it answers. Default 1. */
  readonly times?: number;
  /** Which requests it answers. Default all. */
  readonly when?: (request: FakeRequest) => boolean;
  /** Makes the body from the request, and wins over `body`: for a vendor that repeats what it was sent. */
  readonly bodyFor?: (request: FakeRequest) => unknown;
  /** The request takes effect all the same, and only its answer is lost: what a 500 or a proxy can do. Default false. */
  readonly afterTaking?: boolean;
}

/** What every fake vendor offers besides its own state. */
export interface FakeVendor {
  /** `http://127.0.0.1:<port>`, to be given as `endpoint`. */
  readonly url: string;
  /** Journal of all requests, oldest first. */
  readonly requests: readonly FakeRequest[];
  /** Queues answers; the first that fits a request answers it. */
  script(...answers: readonly ScriptedAnswer[]): void;
  /** Waits before every answer, until `recover`. */
  delay(ms: number): void;
  /** Takes requests and never answers, until `recover`, which lets them go on. */
  hang(): void;
  /** Cuts every connection instead of answering, until `recover`. */
  reset(): void;
  /** Ends script, delay, hang and reset. */
  recover(): void;
  /** From now on only this key is right. */
  setKey(key: string): void;
  /** Closes the server and every connection. */
  stop(): Promise<void>;
}

/** The vendor's side of a fake: says what becomes of one request. */
export type Respond = (request: FakeRequest, open: number) => FakeAnswer;

type Mood =
  { kind: 'answer'; delayMs: number } | { kind: 'hang'; released: Promise<void> } | { kind: 'reset' };
const willing: Mood = { kind: 'answer', delayMs: 0 };

/**
 * Runs a vendor's rules behind a real HTTP server on a loopback port, by default a free one.
 * `setKey` belongs to the vendor's own state, hence not here.
 */
export async function startFakeVendor(
  respond: Respond,
  { port = 0 }: { readonly port?: number } = {},
): Promise<Omit<FakeVendor, 'setKey'>> {
  const requests: FakeRequest[] = [];
  let script: { answer: ScriptedAnswer; left: number }[] = [];
  let mood: Mood = willing;
  let release: () => void = () => undefined;
  let open = 0;

  const decide = (request: FakeRequest): FakeAnswer => {
    const entry = script.find(({ answer }) => answer.when?.(request) ?? true);
    if (!entry) return respond(request, open);
    entry.left -= 1;
    if (entry.left <= 0) script = script.filter((other) => other !== entry);
    if (entry.answer.afterTaking) respond(request, open);
    return answerTo(request, entry.answer);
  };

  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const request = await readRequest(incoming);
    requests.push(request);
    if (mood.kind === 'reset') return void incoming.socket.resetAndDestroy();
    // Decided on arrival, as a vendor that counts open connections does; only the answer waits.
    const answer = decide(request);
    if (mood.kind === 'hang') await mood.released;
    else if (mood.delayMs > 0) await wait(mood.delayMs, outgoing);
    if (answer.close) incoming.socket.resetAndDestroy();
    else if (!outgoing.destroyed) writeAnswer(outgoing, answer);
  };

  const server = createServer((incoming, outgoing) => {
    open += 1;
    outgoing.once('close', () => (open -= 1));
    serve(incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });

  const setMood = (next: () => Mood): void => {
    release();
    mood = next();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    script: (...answers) =>
      void script.push(...answers.map((answer) => ({ answer, left: answer.times ?? 1 }))),
    delay: (ms) => setMood(() => ({ kind: 'answer', delayMs: ms })),
    hang: () => setMood(() => ({ kind: 'hang', released: new Promise((resolve) => (release = resolve)) })),
    reset: () => setMood(() => ({ kind: 'reset' })),
    recover: () => {
      script = [];
      setMood(() => willing);
    },
    stop: () =>
      new Promise<void>((resolve) => {
        // Its only error is that the server is closed already.
        server.close(() => resolve());
        server.closeAllConnections();
        release();
      }),
  };
}

const answerTo = (request: FakeRequest, { bodyFor, ...answer }: ScriptedAnswer): FakeAnswer =>
  bodyFor ? { ...answer, body: bodyFor(request) } : answer;

async function readRequest(incoming: IncomingMessage): Promise<FakeRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const sent = Buffer.concat(chunks);
  const body = incoming.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
  const text = body.toString('utf8');
  const url = new URL(incoming.url ?? '/', 'http://fake');
  return {
    method: incoming.method ?? '',
    path: url.pathname,
    query: url.searchParams,
    headers: incoming.headers,
    bytes: body.length,
    text,
    body: parseBody(text, incoming.headers['content-type'] ?? ''),
  };
}

function parseBody(text: string, contentType: string): unknown {
  if (contentType.startsWith('application/x-www-form-urlencoded'))
    return Object.fromEntries(new URLSearchParams(text));
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function writeAnswer(outgoing: ServerResponse, { status, headers = {}, body }: FakeAnswer): void {
  const type = typeof body === 'string' ? 'text/html; charset=utf-8' : 'application/json';
  outgoing.writeHead(status, body === undefined ? headers : { 'content-type': type, ...headers });
  outgoing.end(body === undefined || typeof body === 'string' ? body : JSON.stringify(body));
}

/** Ends early when the client has gone. */
function wait(ms: number, outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    outgoing.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
