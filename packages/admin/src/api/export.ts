import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Found, Logger, Operations, Page } from '@fragment/core';
import { eventResource, jobResource, rejectionResource } from '../resources/records.js';
import {
  csvHeader,
  csvRows,
  eventColumns,
  jobColumns,
  rejectionColumns,
  type Columns,
} from '../resources/tables.js';
import type { Endpoint, EndpointContext } from './endpoint.js';
import { filterParameters, type Parameter } from './parameters.js';
import { Places } from './places.js';
import type { AdminQuery } from './query.js';

/** Each keeps a connection of the operators' pool busy; one of three is left for others. */
const MAX_EXPORTS = 2;
/** An event has up to 32 KB: this much is in memory at once. */
const PAGE = 200;
/** A reader that takes nothing for so long has gone. */
const STALL_MS = 60_000;
const MEDIA_TYPES = {
  csv: 'text/csv; charset=utf-8; header=present',
  ndjson: 'application/x-ndjson',
} as const;

interface Exported<T> {
  readonly of: 'events' | 'jobs' | 'rejections';
  readonly parameters: Readonly<Record<string, Parameter>>;
  readonly columns: Columns<T>;
  readonly resource: (item: T) => object;
  readonly find: (operations: Operations, query: AdminQuery, page: Page) => Promise<Found<T>>;
}

/** Whole lists as files, the newest first. What comes in meanwhile is not among them. */
export function exportEndpoints(): readonly Endpoint[] {
  const places = new Places(MAX_EXPORTS, 'exports are being written');
  return [
    exporting(places, {
      of: 'events',
      parameters: filterParameters,
      columns: eventColumns,
      resource: eventResource,
      find: (operations, { where }, page) => operations.findEvents(where, page),
    }),
    exporting(places, {
      of: 'jobs',
      parameters: filterParameters,
      columns: jobColumns,
      resource: (job) => jobResource(job),
      find: (operations, { where }, page) => operations.findJobs(where, page),
    }),
    exporting(places, {
      of: 'rejections',
      parameters: {},
      columns: rejectionColumns,
      resource: rejectionResource,
      find: (operations, _query, page) => operations.findRejections(page),
    }),
  ];
}

function exporting<T>(places: Places, exported: Exported<T>): Endpoint {
  const { of, parameters, find } = exported;
  return {
    method: 'GET',
    path: `/api/store/${of}/export`,
    role: 'read',
    summary: `All ${of} that match, as a file: csv (the default) or ndjson`,
    parameters: { ...parameters, format: { kind: 'format' } },
    produces: Object.values(MEDIA_TYPES),
    handle: async (c) => {
      const leave = places.take();
      const next = (cursor?: string): Promise<Found<T>> =>
        find(c.operations, c.query, { limit: PAGE, counted: false, ...(cursor !== undefined && { cursor }) });
      try {
        // Before anything is sent: a store that is away is still answered as such.
        const first = await next();
        const text = c.req.method === 'HEAD' ? [] : textOf(exported, c.query.format, first, next);
        return { stream: (res, headers) => void sendFile(res, headers, c, { of, text }).finally(leave) };
      } catch (error) {
        leave();
        throw error;
      }
    },
  };
}

/** A page at a time, each asked for when the one before was taken. */
async function* textOf<T>(
  { columns, resource }: Exported<T>,
  format: AdminQuery['format'],
  first: Found<T>,
  next: (cursor: string) => Promise<Found<T>>,
): AsyncGenerator<string, void, undefined> {
  if (format === 'csv') yield csvHeader(columns);
  for (let page = first; ; page = await next(page.nextCursor)) {
    if (page.items.length > 0)
      yield format === 'csv'
        ? csvRows(columns, page.items)
        : page.items.map((item) => `${JSON.stringify(resource(item))}\n`).join('');
    if (page.nextCursor === undefined) return;
  }
}

/** What cannot be written to its end is broken off, so that nobody takes the half of it for the whole. Never rejects. */
async function sendFile(
  res: ServerResponse,
  headers: Readonly<Record<string, string>>,
  { app, query }: EndpointContext,
  { of, text }: { readonly of: string; readonly text: Iterable<string> | AsyncIterable<string> },
): Promise<void> {
  res.writeHead(200, {
    ...headers,
    'content-type': MEDIA_TYPES[query.format],
    'content-disposition': `attachment; filename="fragment-${of}.${query.format}"`,
  });
  res.setTimeout(STALL_MS, () => res.destroy());
  try {
    await pipeline(Readable.from(text), res);
  } catch (error) {
    if (!isOfReader(error)) logEnd(app.logger, of, error);
  }
}

/** It went away, or took nothing for too long. */
const isOfReader = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_STREAM_');

const logEnd = (logger: Logger, of: string, error: unknown): void =>
  logger.warn({ of, error: error instanceof Error ? error.message : 'unknown' }, 'an export was broken off');
