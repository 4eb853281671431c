import type { ServerResponse } from 'node:http';
import type { EventRecord, Logger } from '@fragment/core';
import { eventSummary } from '../resources/records.js';
import type { Endpoint, EndpointContext } from './endpoint.js';
import { filterParameters } from './parameters.js';
import { Places } from './places.js';

const MAX_STREAMS = 20;
const PING_MS = 15_000;
/** What a reader that is too slow may leave unread. */
const MAX_UNREAD_BYTES = 4 * 1024 * 1024;

/** Events as they come in and what becomes of them, as server-sent events. */
export function streamEndpoint(): Endpoint {
  const places = new Places(MAX_STREAMS, 'streams are open');
  return {
    method: 'GET',
    path: '/api/store/stream',
    role: 'read',
    summary: 'Events as they are stored, and any event again when a job of it changes (server-sent events)',
    parameters: filterParameters,
    produces: ['text/event-stream'],
    handle: (c) => {
      const leave = places.take();
      return { stream: (res, headers) => void streamTo(res, headers, c).finally(leave) };
    },
  };
}

async function streamTo(
  res: ServerResponse,
  headers: Readonly<Record<string, string>>,
  { app, operations, query, req }: EndpointContext,
): Promise<void> {
  const end = new AbortController();
  res.on('close', () => end.abort());
  res.writeHead(200, {
    ...headers,
    'content-type': 'text/event-stream; charset=utf-8',
    'x-accel-buffering': 'no',
  });
  if (req.method === 'HEAD') {
    res.end();
    return;
  }
  res.write('retry: 2000\n\n');
  let timer = app.clock.setTimer(ping, PING_MS);
  function ping(): void {
    res.write('event: ping\ndata: {}\n\n');
    timer = app.clock.setTimer(ping, PING_MS);
  }
  try {
    for await (const event of operations.tail(query.where, end.signal)) {
      // It comes again from where it is when it has read what it was sent.
      if (res.writableLength > MAX_UNREAD_BYTES) break;
      res.write(messageOf(event));
    }
  } catch (error) {
    log(app.logger, error);
  } finally {
    timer.clear();
    res.end();
  }
}

const messageOf = (event: EventRecord): string =>
  `event: event\nid: ${event.id}\ndata: ${JSON.stringify(eventSummary(event))}\n\n`;

function log(logger: Logger, error: unknown): void {
  logger.warn({ error: error instanceof Error ? error.message : 'unknown' }, 'a live stream ended');
}
