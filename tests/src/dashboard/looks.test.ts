import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { requiring, waitFor } from '@fragment/testing';
import type { Browser } from 'playwright-core';
import { post } from '../acceptance/world.js';
import { launchBrowser } from '../wire/browser.js';
import { withClockwork } from './clockwork.js';
import { payloads } from './hostile.js';
import { openOperator, type Operator, type Theme } from './operator.js';
import { openScene, type Scene } from './scene.js';

const describeInBrowser = await requiring('chromium', describe);
const LONG_MS = 240_000;
/** What `fill` makes. */
const JOBS = 14;
const tokens = [
  { name: 'grace', role: 'admin', token: 'token-of-grace-the-admin' },
  { name: 'reader', role: 'read', token: 'token-of-a-mere-reader' },
] as const;

describeInBrowser('the dashboard', () => {
  let browser: Browser;
  let scene: Scene;
  beforeAll(async () => {
    const policies = [{ where: { events: { typesIn: ['page', 'screen'] } }, olderThanMs: 30 * 86_400_000 }];
    const opening = openScene({ adminTokens: tokens, retention: { policies }, sources: withClockwork() });
    [browser, scene] = await Promise.all([launchBrowser(), opening]);
    await fill(scene);
  }, LONG_MS);
  afterAll(async () => {
    await browser.close();
    await scene.stop();
  });

  async function logIn(operator: Operator, token: string): Promise<void> {
    await operator.page.getByLabel('Token of the admin API').fill(token);
    await operator.button('Log in').click();
    await operator.button('Log out').waitFor();
  }

  async function asOperator<T>(
    { token, theme = 'light' }: { readonly token: string; readonly theme?: Theme },
    work: (operator: Operator) => Promise<T>,
  ): Promise<T> {
    const operator = await openOperator(browser, scene.dashboard, theme);
    try {
      await operator.goTo('/');
      await logIn(operator, token);
      const result = await work(operator);
      expect(operator.complaints).toEqual([]);
      return result;
    } finally {
      await operator.stop();
    }
  }

  it(
    'asks for a token, refuses a wrong one, and forgets a session that is logged out',
    async () => {
      const operator = await openOperator(browser, scene.dashboard);
      await operator.goTo('/events');
      await operator.shoot('login');
      expect(await operator.violations()).toEqual([]);
      await operator.page.getByLabel('Token of the admin API').fill('a-token-of-nobody-at-all');
      await operator.button('Log in').click();
      await operator.page.getByText('This token is not known here.').waitFor();
      await logIn(operator, tokens[0].token);
      await operator.page.getByRole('heading', { name: 'Events' }).waitFor();
      await operator.button('Log out').click();
      await operator.page.getByLabel('Token of the admin API').waitFor();
      // A browser notes every 401, here those of the asking and of the wrong token.
      expect(operator.complaints.filter((each) => !each.includes('401'))).toEqual([]);
      await operator.stop();
    },
    LONG_MS,
  );

  it(
    'lets the role read look, and do nothing',
    async () => {
      await asOperator({ token: tokens[1].token }, async ({ goTo, button, page }) => {
        await goTo('/destinations/mailchimp');
        expect(await button('Pause …').isDisabled()).toBe(true);
        await goTo('/events?events.user_id=ada');
        expect(await button('Delete all that match').isDisabled()).toBe(true);
        await goTo('/health');
        await page.getByRole('list', { name: 'Kept for a shorter time' }).getByText('screen').waitFor();
        expect(await button('Purge now …').isDisabled()).toBe(true);
        await goTo('/users?id=ada');
        expect(await button('Erase …').isDisabled()).toBe(true);
        expect(await page.getByRole('link', { name: 'Audit' }).count()).toBe(0);
      });
    },
    LONG_MS,
  );

  it.each(['light', 'dark'] as const)(
    'is readable by all, at every width: %s',
    async (theme) => {
      const faults: string[] = [];
      await asOperator({ token: tokens[0].token, theme }, async (operator) => {
        const check = (name: string): Promise<void> =>
          operator.shoot(name, async (width) => {
            const over = await operator.overflow();
            if (over > 0) faults.push(`${name}: ${over} pixels wider than ${width}`);
            // What is between is laid out like one or the other.
            if (width === 768) return;
            for (const fault of await operator.violations()) faults.push(`${name} at ${width}: ${fault}`);
          });
        for (const [name, path] of await screens(scene)) {
          await operator.goTo(path);
          await check(name);
        }
        await operator.goTo('/events?events.types_in=track');
        await operator.button('Delete all that match').click();
        await operator.page.getByRole('dialog').getByText('events', { exact: false }).first().waitFor();
        await check('delete-dialog');
      });
      expect(faults).toEqual([]);
    },
    LONG_MS,
  );

  it(
    'shows what a hostile event holds as text, and nothing of it runs',
    async () => {
      const all = payloads.join(' ');
      expect(new Set(payloads).size).toBe(60);
      scene.receiver.script({ status: 400, headers: { 'content-type': 'text/html' }, body: all });
      const { send, fragment } = scene;
      const hostile = {
        userId: all.slice(0, 500),
        anonymousId: payloads[0],
        messageId: payloads[1],
        event: all,
        properties: {
          ...Object.fromEntries(payloads.map((each) => [each, each])),
          url: 'javascript:alert(1)',
        },
        context: { page: { url: payloads[39], title: all }, userAgent: all },
        integrations: { All: false, Webhook: true },
      };
      expect((await send('/v1/track', hostile)).status).toBe(200);
      await send('/v1/track', { ...hostile, messageId: all, event: { [all]: all } });
      const told = { ...hostile, messageId: payloads[2], integrations: { All: false, crm: true } };
      expect((await send('/v1/screen', told)).status).toBe(200);
      await scene.settled(JOBS + 2);
      await fragment.operations.pause('segment', all);
      const [event] = (
        await fragment.operations.findEvents({ events: { messageId: payloads[1]! } }, { limit: 1 })
      ).items;
      const [job] = (await fragment.operations.findJobs({ jobs: { eventId: event!.id } }, { limit: 1 }))
        .items;
      const taken = { jobs: { actionsIn: ['screen'] }, events: { messageId: payloads[2]! } };
      const [success] = (await fragment.operations.findJobs(taken, { limit: 1 })).items;
      const query = new URLSearchParams({ id: hostile.userId, 'events.name': all.slice(0, 300) }).toString();
      const paths = [
        '/',
        '/live',
        '/events',
        `/events/${event!.id}`,
        `/jobs/${job!.id}`,
        `/events/${success!.eventId}`,
        `/jobs/${success!.id}`,
        '/jobs',
        '/failures',
      ];
      paths.push('/rejections', `/events?${query}`, `/users?${query}`, '/audit', '/destinations/segment');
      await asOperator({ token: tokens[0].token }, async ({ goTo, page, overflow }) => {
        for (const path of paths) {
          await goTo(path);
          for (const details of await page.locator('main details:not([open]) > summary').all())
            await details.click({ timeout: 2_000 }).catch(() => undefined);
          await page.setViewportSize({ width: 360, height: 740 });
          expect([path, await overflow()]).toEqual([path, 0]);
        }
        await goTo(`/jobs/${success!.id}`);
        expect(await page.locator('.attempts').textContent()).toContain(payloads[0]);
        await goTo(`/events/${event!.id}`);
        expect(await page.locator('main').textContent()).toContain(payloads[0]);
      });
    },
    LONG_MS,
  );

  it(
    'would have noticed: a script in the markup, a request elsewhere',
    async () => {
      const operator = await openOperator(browser, scene.dashboard);
      await operator.goTo('/');
      const markup = '<img src=//evil.example.com/x.gif onerror=alert(1)><p style="color: red">';
      await operator.page.evaluate(`document.body.innerHTML = ${JSON.stringify(markup)}`);
      const policies = () => operator.complaints.filter((each) => each.startsWith('policy: ')).join();
      // The picture is stopped, and so is what it was to do then: in whatever order the browser tells it.
      const stopped = ['evil.example.com', 'policy: script-src', 'policy: style-src'];
      await waitFor(() => stopped.every((what) => policies().includes(what)), {
        message: 'three complaints',
      });
      expect(operator.complaints.filter((each) => each.startsWith('dialog'))).toEqual([]);
      expect(await operator.violations()).toEqual([expect.stringMatching(/^image-alt/)]);
      await operator.stop();
    },
    LONG_MS,
  );
});

/** Something of everything: what went well, what was refused here and by vendors, an order, a lane that is paused. */
async function fill({ send, settled, receiver, dashboard, fragment }: Scene): Promise<void> {
  const context = { page: { url: 'https://shop.example.com/cart', title: 'Cart' } };
  receiver.script({ status: 500, body: 'down for maintenance', times: 2 });
  const webhook = { All: false, Webhook: true };
  const at = (n: number) => ({ userId: n < 4 ? 'ada' : 'grace', messageId: `message-${n}`, context });
  await send('/v1/identify', { ...at(1), traits: { email: 'ada@example.com', name: 'Ada Lovelace' } });
  await send('/v1/identify', { ...at(4), traits: { email: 'grace@navy.test', firstName: 'Grace' } });
  const batch = [
    { ...at(2), type: 'track', event: 'Order Completed', properties: { total: 49.9, currency: 'EUR' } },
    { ...at(3), type: 'page', name: 'Checkout', integrations: webhook },
    { ...at(5), type: 'track', event: 'Signed Up', integrations: webhook },
    { type: 'track', event: 'Nobody' },
  ];
  await send('/v1/batch', { batch });
  await send('/v1/track', { userId: 'ada', event: 7 });
  await send('/v1/screen', { ...at(6), name: 'Cockpit', integrations: { All: false, crm: true } });
  await settled(JOBS);
  await send('/v1/page', { userId: 'margaret', name: 'Home', integrations: webhook });
  await settled(JOBS + 1);
  const operate = async (path: string, body: object): Promise<void> => {
    const authorization = `Bearer ${tokens[0].token}`;
    const { status } = await post(`${dashboard}/api/${path}`, body, { authorization });
    expect([200, 202]).toContain(status);
  };
  await operate('users/margaret/erase', { confirm: 'margaret' });
  const where = { 'jobs.destinations_in': ['mailchimp'], 'jobs.status_in': ['discarded'] };
  await operate('store/bulks', { kind: 'retry', where, rate_per_second: 50 });
  await waitFor(async () => {
    const { items } = await fragment.operations.findBulks();
    return items.every(({ state }) => state === 'done');
  });
  for (const trigger of ['report', 'quiet', 'broken'])
    await fragment.operations.runTrigger({ source: 'clock', trigger });
  await waitFor(async () => {
    const last = await fragment.operations.lastRuns();
    return last.length === 3 && last.every(({ state }) => state !== 'running');
  });
  await operate('destinations/segment/pause', { reason: 'Their release is tonight' });
  await settled(JOBS);
}

async function screens({ fragment }: Scene): Promise<readonly (readonly [name: string, path: string])[]> {
  const { items } = await fragment.operations.findJobs({ jobs: { statusIn: ['discarded'] } }, { limit: 1 });
  const [job] = items;
  const taken = (await fragment.operations.findJobs({ jobs: { destinationsIn: ['crm'] } }, { limit: 1 }))
    .items[0];
  return [
    // A short range: the numbers of every chart are also a table.
    ['overview', '/?range=15m'],
    ['live', '/live'],
    ['events', '/events'],
    ['event', `/events/${job!.eventId}`],
    ['jobs', '/jobs'],
    ['job', `/jobs/${job!.id}`],
    ['job-succeeded', `/jobs/${taken!.id}`],
    ['failures', '/failures'],
    ['orders', '/orders'],
    ['rejections', '/rejections'],
    ['sources', '/sources/rest'],
    ['schedules', '/sources/clock'],
    ['destinations', '/destinations'],
    ['destination', '/destinations/mailchimp'],
    ['users', '/users?id=ada'],
    ['audit', '/audit'],
    ['health', '/health'],
    ['not-found', '/nowhere'],
  ];
}
