import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { requiring, testPostgres, waitFor, type TestPostgres } from '@fragment/testing';
import type { Browser } from 'playwright-core';
import { Opened, type World } from '../acceptance/world.js';
import { Answers, type Answered } from './answers.js';
import { analyticsJs, launchBrowser, startSite, visit, type AnalyticsJs, type Visitor } from './browser.js';
import { snippet } from './docs.js';
import { deliveredById, storedMessages } from './expected.js';
import { mountings, type Mounting } from './mountings.js';

const describeInBrowser = await requiring('chromium', describe);

const writeKey = 'the-write-key-of-the-test';

interface Scene {
  readonly world: World;
  readonly answers: Answers;
  readonly visitor: Visitor;
  /** Runs code in the page. */
  readonly run: (code: string) => Promise<void>;
  /** Waits until so many messages are stored. */
  readonly stored: (count: number) => Promise<void>;
}

describeInBrowser('analytics.js in a browser', () => {
  let browser: Browser;
  let database: TestPostgres;
  const opened = new Opened();
  beforeAll(async () => {
    [browser, database] = await Promise.all([launchBrowser(), testPostgres({ own: true })]);
  }, 60_000);
  afterEach(() => opened.stop());
  afterAll(async () => {
    await browser.close();
    await database.stop();
  });

  /** A visitor on a page; default: with the snippet of the documentation, and with these options of `load`. */
  async function scene(
    mounting: Mounting,
    sdk: AnalyticsJs,
    options: object = {},
    htmlFor = (gateway: string) => standalone(gateway, options),
  ): Promise<Scene> {
    const world = opened.add(
      await mounting.open({
        database,
        destinations: [],
        services: { gateway: true, scheduler: false },
        rest: { writeKeys: [writeKey] },
      }),
    );
    const answers = opened.add(new Answers(world.gateway));
    const html = `<!doctype html><title>Engines</title>\n${htmlFor(world.gateway)}`;
    const site = opened.add(await startSite(html, sdk));
    const visitor = opened.add(await visit(browser, site.url));
    const stored = async (count: number): Promise<void> => {
      const told = (): string => JSON.stringify([answers.list.map(summary), visitor.complaints]);
      await waitFor(
        async () => {
          if ((await storedMessages(world)).length === count) return true;
          throw new Error(told());
        },
        { timeoutMs: 15_000, message: `${count} messages` },
      );
    };
    const run = (code: string): Promise<void> => visitor.page.evaluate(code);
    return { world, answers, visitor, run, stored };
  }

  const standalone = (gateway: string, options: object): string =>
    snippet('analytics.js in a page', { gateway, writeKey }).replace(
      '<script async',
      `<script>analytics._loadOptions = ${JSON.stringify(options)}</script>\n<script async`,
    );

  const summary = ({ method, path, status }: Answered): string => `${method} ${path} ${status}`;

  const batching = (config: object): object => ({
    integrations: { 'Segment.io': { deliveryStrategy: { strategy: 'batching', config } } },
  });

  // Before 1.84 it sends batches to https only, whatever its settings say.
  const batchingJs = analyticsJs.filter(({ version }) => version !== '1.83.0');

  const everyCall = `
    analytics.identify('user-ada', { email: 'ada@engines.test' });
    analytics.group('group-engines', { employees: 7 });
    analytics.screen('Welcome', { variation: 'blue' });
    analytics.alias('user-lovelace');
    void 0;`;

  describe.each(mountings)('with a gateway $place', (mounting) => {
    it.each(analyticsJs)('$version, standard: each call is a request, stored once', async (sdk) => {
      const { world, answers, visitor, run, stored } = await scene(mounting, sdk);
      await stored(2);
      await run(everyCall);
      await stored(6);
      await expectAllSix(world, visitor, sdk);
      const own = [visitor.page.url(), world.gateway].map((url) => new URL(url).origin);
      expect([...visitor.origins].sort()).toEqual(own.sort());
      const settings = answers.list.find(({ path }) => path.includes('/settings'));
      expect(settings).toMatchObject({
        method: 'GET',
        path: `/v1/projects/${writeKey}/settings`,
        status: 200,
      });
      expect(paths(answers, 'POST').sort()).toEqual(['/v1/a', '/v1/g', '/v1/i', '/v1/p', '/v1/s', '/v1/t']);
      const asked = paths(answers, 'OPTIONS').sort();
      // Since 1.84 it sends the key in a header, which a browser asks leave for, once per path.
      expect(asked).toEqual(sdk.version === '1.83.0' ? [] : paths(answers, 'POST').sort());
      expect(visitor.complaints).toEqual([]);
    });

    it.each(batchingJs)('$version, batching: many calls are one request', async (sdk) => {
      const { world, answers, visitor, run, stored } = await scene(
        mounting,
        sdk,
        batching({ size: 3, timeout: 500 }),
      );
      await run(everyCall);
      await stored(6);
      await expectAllSix(world, visitor, sdk);
      const posted = paths(answers, 'POST');
      expect(new Set(posted)).toEqual(new Set(['/v1/b']));
      expect(posted.length).toBeLessThan(6);
      expect(visitor.complaints).toEqual([]);
    });

    it.each(batchingJs)('$version: the batch that waits is sent when the page is left', async (sdk) => {
      const { world, answers, visitor, run, stored } = await scene(
        mounting,
        sdk,
        batching({ size: 100, timeout: 600_000 }),
      );
      await run('new Promise((resolve) => analytics.ready(resolve))');
      // Only what has gone all the way through the library waits in its batch.
      await run(`(async () => {
        ${everyCall}
        await analytics.track('Last Call');
      })()`);
      expect(await storedMessages(world)).toEqual([]);
      await visitor.page.goto('about:blank');
      await stored(7);
      expect(paths(answers, 'POST')).toEqual(['/v1/b']);
    });
  });

  it.each(analyticsJs)('$version: the npm package, as the documentation says', async (sdk) => {
    const [direct] = mountings;
    const { stored, world, visitor } = await scene(direct!, sdk, {}, (gateway) => {
      const imports = { imports: { '@segment/analytics-next': '/bundled.js' } };
      const code = snippet('@segment/analytics-next', { gateway, writeKey });
      return `<script src="/index.js"></script>
        <script type="importmap">${JSON.stringify(imports)}</script>
        <script type="module">${code}</script>`;
    });
    await stored(1);
    const [message] = (await deliveredById(world)).values();
    expect(message).toMatchObject({ event: 'Signed Up', properties: { plan: 'premium' } });
    expect(visitor.complaints).toEqual([]);
  });

  it.each(analyticsJs)('$version: what was answered 503 is sent again, and stored once', async (sdk) => {
    const [direct] = mountings;
    const { world, answers, run, stored } = await scene(direct!, sdk);
    await stored(2);
    await database.kill();
    await run(`void analytics.track('Sent Again')`);
    await waitFor(() => answers.count(503) > 0);
    await database.restart();
    await stored(3);
    const tries = answers.list.filter(({ method, path }) => method === 'POST' && path === '/v1/t').slice(1);
    expect(tries.at(0)).toMatchObject({ status: 503 });
    expect(tries.at(-1)).toMatchObject({ status: 200 });
    // Since 1.84 it counts, in a header that a browser asks leave for.
    const counts = tries.map(({ headers }) => headers['x-retry-count']);
    expect(counts).toEqual(
      tries.map((_, n) => (n === 0 || sdk.version === '1.83.0' ? undefined : String(n))),
    );
    const names = (await storedMessages(world)).map(({ name }) => name);
    expect(names.filter((name) => name === 'Sent Again')).toHaveLength(1);
  });

  const paths = ({ list }: Answers, wanted: string): string[] =>
    list
      .filter(({ method, path }) => method === wanted && !path.includes('/settings'))
      .map(({ path }) => path);

  async function expectAllSix(world: World, { page }: Visitor, sdk: AnalyticsJs): Promise<void> {
    const messages = [...(await deliveredById(world)).values()];
    const byType = Object.fromEntries(messages.map((message) => [String(message['type']), message]));
    expect(messages).toHaveLength(6);
    expect(byType).toMatchObject({
      page: { properties: { title: 'Engines', url: page.url() } },
      track: { event: 'Signed Up', properties: { plan: 'premium' } },
      identify: { userId: 'user-ada', traits: { email: 'ada@engines.test' } },
      group: { userId: 'user-ada', groupId: 'group-engines', traits: { employees: 7 } },
      screen: { name: 'Welcome', properties: { variation: 'blue' } },
      // The SDK puts the user it knows in place of the one it is given.
      alias: { userId: expect.any(String) as unknown, previousId: expect.any(String) as unknown },
    });
    for (const message of messages) {
      expect(message).toMatchObject({
        messageId: expect.stringMatching(/^ajs-next-/) as unknown,
        anonymousId: byType['page']!['anonymousId'],
        context: {
          ip: '127.0.0.1',
          library: { name: 'analytics.js', version: `next-${sdk.version}` },
          page: { title: 'Engines' },
          userAgent: expect.stringContaining('Chrome') as unknown,
        },
      });
    }
    for (const { timestamp, receivedAt, sentAt, originalTimestamp } of await storedMessages(world)) {
      expect(receivedAt.getTime() - timestamp.getTime()).toBe(
        sentAt!.getTime() - originalTimestamp!.getTime(),
      );
    }
  }
});
