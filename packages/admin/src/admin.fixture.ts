import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Application, Found } from '@fragment/core';
import { app } from './application.fixture.js';
import { admin, type AdminOptions } from './index.js';
import { fakeOperations } from './operations.fixture.js';

const cleanups: (() => Promise<unknown>)[] = [];
/** Every test file runs it after each test. */
export async function cleanUp(): Promise<void> {
  for (const cleanup of cleanups.splice(0)) await cleanup();
}

export async function served(listener: Parameters<typeof createServer>[1]): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export async function started(
  options: AdminOptions & Partial<Pick<Application, 'clock' | 'logger' | 'health'>> = {},
  over: Partial<Found<never>> = {},
) {
  const { operations, asked, done } = fakeOperations(over);
  const made = admin({ operations, ...options });
  const { clock = app.clock, logger = app.logger, health = () => app.health() } = options;
  made.attach({ ...app, clock, logger, health });
  const url = await served(made.handler);
  const ask = async (path: string, init?: RequestInit): Promise<Answered> => {
    const res = await fetch(`${url}${path}`, init);
    return { status: res.status, headers: res.headers, body: JSON.parse(await res.text()) as Body };
  };
  return { made, asked, done, url, ask };
}
export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}
export interface Body {
  statusCode: number;
  code?: string;
  message: string;
  meta?: {
    count: number;
    pagination: unknown;
    next_cursor: string;
    count_is_capped: boolean;
    where: unknown;
  };
  data?: unknown;
  validations?: { message: string; path: string[]; field: string }[];
}
