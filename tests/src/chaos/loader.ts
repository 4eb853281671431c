import { randomUUID } from 'node:crypto';
import { Agent, request } from 'undici';

/** What the loader knows of one event: every answer it got for it, 0 for none. */
export type Journal = ReadonlyMap<string, readonly number[]>;

export interface Load {
  readonly journal: Journal;
  /** Ends the sending; resolves when every event is answered 200 or given up. */
  stop(): Promise<void>;
}

export interface LoadOptions {
  /** Chosen anew for each try, so a repeat may go to another gateway. */
  readonly urls: readonly string[];
  readonly perSecond: number;
  /** Ends by itself after so many events. */
  readonly total?: number;
}

const TRY_TIMEOUT_MS = 5_000;
const GIVE_UP_MS = 60_000;

/** Sends track events at a steady rate and repeats each, under the same messageId, until it is answered 200, as SDKs do. */
export function startLoad({ urls, perSecond, total = Number.POSITIVE_INFINITY }: LoadOptions): Load {
  const journal = new Map<string, number[]>();
  const agent = new Agent({ connections: 64, keepAliveTimeout: 1_000 });
  const running = new Set<Promise<void>>();
  let ended: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => (ended = resolve));
  const gap = 20;
  const timer = setInterval(() => {
    for (let n = 0; n < (perSecond * gap) / 1_000; n += 1) {
      if (journal.size >= total) {
        clearInterval(timer);
        ended();
        return;
      }
      const id = randomUUID();
      const answers: number[] = [];
      journal.set(id, answers);
      const sending = send(agent, urls, journal.size, id, answers).finally(() => running.delete(sending));
      running.add(sending);
    }
  }, gap);
  const end = async (): Promise<void> => {
    if (Number.isFinite(total)) await finished;
    clearInterval(timer);
    await Promise.all(running);
    await agent.close();
  };
  let stopping: Promise<void> | undefined;
  return { journal, stop: () => (stopping ??= end()) };
}

async function send(
  agent: Agent,
  urls: readonly string[],
  first: number,
  id: string,
  answers: number[],
): Promise<void> {
  const until = Date.now() + GIVE_UP_MS;
  for (let tries = 0; Date.now() < until; tries += 1) {
    const status = await post(agent, urls[(first + tries) % urls.length] ?? '', id);
    answers.push(status);
    if (status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 100 + Math.random() * 200));
  }
}

async function post(agent: Agent, url: string, id: string): Promise<number> {
  try {
    const { statusCode, body } = await request(`${url}/v1/track`, {
      method: 'POST',
      dispatcher: agent,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        messageId: id,
        userId: `u-${id.slice(0, 2)}`,
        event: 'Chaos',
        properties: { id },
      }),
      signal: AbortSignal.timeout(TRY_TIMEOUT_MS),
    });
    await body.dump();
    return statusCode;
  } catch {
    return 0;
  }
}
