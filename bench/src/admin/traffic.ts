import { Pool } from 'undici';
import { trackEvent } from '../event.js';

export interface Traffic {
  readonly sent: number;
  readonly failed: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface TrafficOptions {
  readonly port: number;
  readonly eventsPerSecond: number;
  readonly seconds: number;
}

const TICK_MS = 10;

/**
 * Sends events at a rate, whether or not the ones before were answered. What an event waited before it could be sent is
 * part of its latency: a server that stalls is not spared the requests it kept from being made.
 */
export async function traffic({ port, eventsPerSecond, seconds }: TrafficOptions): Promise<Traffic> {
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: 32, pipelining: 1 });
  const latencies: number[] = [];
  const running = new Set<Promise<void>>();
  let failed = 0;
  const send = async (dueAt: number): Promise<void> => {
    const headers = { 'content-type': 'application/json' };
    const answer = await pool.request({ method: 'POST', path: '/v1/track', headers, body: trackEvent() });
    await answer.body.dump();
    if (answer.statusCode === 200) latencies.push(performance.now() - dueAt);
    else failed += 1;
  };
  const begin = performance.now();
  let sent = 0;
  for (let now = begin; now - begin < seconds * 1_000; now = performance.now()) {
    for (; sent < ((now - begin) / 1_000) * eventsPerSecond; sent += 1) {
      const request = send(begin + (sent / eventsPerSecond) * 1_000)
        .catch(() => void (failed += 1))
        .finally(() => running.delete(request));
      running.add(request);
    }
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
  await Promise.all(running);
  await pool.close();
  return { sent, failed, ...percentilesOf(latencies) };
}

export function percentilesOf(values: readonly number[]): { p50Ms: number; p95Ms: number; p99Ms: number } {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99) };
}
