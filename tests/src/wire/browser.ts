import { readFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { chromiumPath } from '@fragment/testing';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';

const require = createRequire(import.meta.url);

/** A version of analytics.js, by the name of the package that holds it. */
export interface AnalyticsJs {
  readonly version: string;
  readonly package: string;
}

export const analyticsJs: readonly AnalyticsJs[] = [
  { version: '1.83.0', package: 'analytics-next-1-83' },
  { version: '1.84.3', package: '@segment/analytics-next' },
];

/** Gives an `import` of the npm package what its bundle for browsers has put into the page. */
const bundled = 'export const { AnalyticsBrowser } = window.AnalyticsNext;';

/** A website of its own origin, with one page, and analytics.js beside it. */
export interface Site {
  readonly url: string;
  stop(): Promise<void>;
}

export async function startSite(html: string, sdk: AnalyticsJs): Promise<Site> {
  const umd = path.join(path.dirname(require.resolve(`${sdk.package}/package.json`)), 'dist/umd');
  const answer = async (url: string, res: ServerResponse): Promise<void> => {
    const file = /^\/(standalone|index)\.js$/.exec(url)?.[0];
    if (file !== undefined || url === '/bundled.js') {
      res.setHeader('content-type', 'text/javascript');
      res.end(file === undefined ? bundled : await readFile(path.join(umd, file)));
    } else if (url === '/') {
      res.setHeader('content-type', 'text/html; charset=utf-8');
      res.end(html);
    } else {
      res.writeHead(url === '/favicon.ico' ? 204 : 404).end();
    }
  };
  const server = createServer((req, res) => void answer(req.url ?? '', res));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    // Another name of this machine, and so another site than the gateway's.
    url: `http://localhost:${(server.address() as AddressInfo).port}/`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Without a window, and without what a browser asks the internet for by itself. */
export function launchBrowser(): Promise<Browser> {
  const executablePath = chromiumPath();
  return chromium.launch({
    ...(executablePath !== undefined && { executablePath }),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** A visitor who has never been here. */
export interface Visitor {
  readonly page: Page;
  /** What the page wrote as errors, and what it could not load. */
  readonly complaints: readonly string[];
  /** Whom it asked for anything. */
  readonly origins: ReadonlySet<string>;
  stop(): Promise<void>;
}

export async function visit(browser: Browser, url: string): Promise<Visitor> {
  const context: BrowserContext = await browser.newContext();
  const page = await context.newPage();
  const complaints: string[] = [];
  const origins = new Set<string>();
  page.on('request', (request) => origins.add(new URL(request.url()).origin));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.goto(url);
  return { page, complaints, origins, stop: () => context.close() };
}
