import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { admin, redactPaths } from '@fragment/admin';
import { requiring, waitFor } from '@fragment/testing';
import type { Browser } from 'playwright-core';
import { launchBrowser } from '../wire/browser.js';
import { withClockwork } from './clockwork.js';
import { openOperator, type Operator } from './operator.js';
import { openScene, type Scene } from './scene.js';

const describeInBrowser = await requiring('chromium', describe);
const LONG_MS = 120_000;
const FIRST_LOAD_BYTES = 250_000;

describeInBrowser('whoever uses the dashboard', () => {
  let browser: Browser;
  let scene: Scene;
  let operator: Operator;
  let discarded: string;
  beforeAll(async () => {
    [browser, scene] = await Promise.all([launchBrowser(), openScene({ sources: withClockwork() })]);
    // Mailchimp takes no address of example.com.
    const traits = { email: 'ada@example.com' };
    await scene.send('/v1/identify', { userId: 'ada', traits });
    await scene.send('/v1/track', { userId: 'grace', event: 'Signed Up' });
    const jobs = await scene.settled(7);
    discarded = jobs.find(({ status }) => status === 'discarded')?.id ?? '';
    operator = await openOperator(browser, scene.dashboard);
  }, LONG_MS);
  afterEach(() => expect(operator.complaints).toEqual([]));
  afterAll(async () => {
    await operator.stop();
    await browser.close();
    await scene.stop();
  });

  const press = async (...keys: readonly string[]): Promise<void> => {
    for (const key of keys) await operator.page.keyboard.press(key);
  };
  const heading = (name: string) => operator.page.getByRole('heading', { name, level: 1 }).waitFor();

  it(
    'reaches every action with the Tab key, and sees where the focus is',
    async () => {
      const { page, goTo } = operator;
      const faults: string[] = [];
      const screens = ['/', '/live', '/events', '/jobs', `/jobs/${discarded}`, '/failures', '/rejections'];
      screens.push(
        `/events/${discarded.split('.')[0]}`,
        '/sources',
        '/destinations/webhook',
        '/users?id=ada',
      );
      for (const path of screens) {
        await goTo(path);
        for (const fault of await untouched(operator)) faults.push(`${path}: ${fault}`);
      }
      await page.setViewportSize({ width: 360, height: 740 });
      await goTo('/jobs');
      await operator.button('Menu').press('Enter');
      for (const fault of await untouched(operator)) faults.push(`the menu: ${fault}`);
      await page.setViewportSize({ width: 1280, height: 860 });
      expect(faults).toEqual([]);
    },
    LONG_MS,
  );

  it(
    'goes to a job and retries it without a mouse; the dialog holds the focus and gives it back',
    async () => {
      const { page, button } = operator;
      await operator.goTo('/');
      await press('Tab', 'Enter');
      expect(await page.evaluate('document.activeElement.id')).toBe('content');
      await press('g', 'j');
      await heading('Jobs');
      await page.locator('tbody tr').nth(6).waitFor();
      await press('j', 'j', 'k', 'Enter');
      await button('Replay event').waitFor();
      await operator.goTo(`/jobs/${discarded}`);
      const dialog = page.getByRole('dialog');
      const inside = () =>
        page.evaluate<boolean>(`document.activeElement === document.body ||
        document.querySelector('dialog').contains(document.activeElement)`);
      for (const close of ['Escape', 'Enter']) {
        await button('Retry').focus();
        await press('Enter');
        await dialog.waitFor();
        for (let tabs = 0; tabs < 6; tabs++) {
          expect(await inside()).toBe(true);
          await press('Tab');
        }
        // The keys of the page rest below a dialog.
        await press('g', 'e', 'r', '?');
        expect(await dialog.count()).toBe(1);
        if (close === 'Enter') await dialog.getByRole('button', { name: 'Cancel' }).focus();
        await press(close);
        await dialog.waitFor({ state: 'detached' });
        expect(await page.evaluate('document.activeElement.textContent')).toBe('Retry');
      }
      await press('r');
      await dialog.getByRole('button', { name: 'Retry' }).focus();
      await press('Enter');
      await page.getByText('The job runs again').waitFor();
      await dialog.waitFor({ state: 'detached' });
      await scene.settled(7);
      await operator.goTo('/live');
      // Space holds the tail, unless it presses something.
      await press(' ');
      await button('Go on').waitFor();
      await button('Keys').focus();
      await press(' ');
      await dialog.getByText('Pause or go on').waitFor();
      await press('Escape');
      await dialog.waitFor({ state: 'detached' });
      await button('Go on').waitFor();
    },
    LONG_MS,
  );

  it(
    'keeps the colours and the zone that were chosen',
    async () => {
      const { page, goTo } = operator;
      const ground = () =>
        page.evaluate<string>('getComputedStyle(document.documentElement).backgroundColor');
      await goTo('/health');
      const light = await ground();
      await page.getByLabel('Colours').selectOption('Dark');
      await operator.button('Local time').click();
      const dark = await ground();
      expect(dark).not.toBe(light);
      await goTo('/audit');
      expect(await ground()).toBe(dark);
      await operator.button('UTC').waitFor();
      await page.getByLabel('Colours').selectOption('Auto');
      expect(await ground()).toBe(light);
    },
    LONG_MS,
  );

  it(
    'finds the filters in the address: a reload keeps them, the way back undoes them',
    async () => {
      const { page, goTo } = operator;
      await goTo('/jobs');
      const rows = page.locator('tbody tr');
      await rows.nth(6).waitFor();
      await page.getByRole('group', { name: 'Status' }).getByRole('button', { name: 'discarded' }).click();
      await rows.nth(1).waitFor({ state: 'detached' });
      await page.getByLabel('Add a filter').selectOption('Destination');
      await operator.button('mailchimp').click();
      const filters = 'jobs.status_in=discarded&jobs.destinations_in=mailchimp';
      await page.waitForURL(`**/jobs?${filters}`);
      await page.reload();
      await page.getByRole('list', { name: 'Filters' }).getByText('mailchimp').waitFor();
      await rows.first().waitFor();
      expect(await rows.count()).toBe(1);
      for (const format of ['csv', 'ndjson']) {
        const link = page.getByRole('link', { name: format.toUpperCase(), exact: true });
        const { pathname, search } = new URL((await link.getAttribute('href')) ?? '', page.url());
        expect(`${pathname}${search}`).toBe(`/admin/api/store/jobs/export?${filters}&format=${format}`);
      }
      await page.goBack();
      await page.waitForURL('**/jobs?jobs.status_in=discarded');
    },
    LONG_MS,
  );

  it(
    'downloads what the filters leave',
    async () => {
      const { page, goTo } = operator;
      await goTo('/jobs?jobs.status_in=discarded');
      const coming = page.waitForEvent('download');
      await page.getByRole('link', { name: 'NDJSON', exact: true }).click();
      const download = await coming;
      expect(download.suggestedFilename()).toBe('fragment-jobs.ndjson');
      const lines = (await readFile(await download.path(), 'utf8')).trim().split('\n');
      expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([{ id: discarded }]);
    },
    LONG_MS,
  );

  it(
    'is told where the application hides something, and sees and copies nothing of it',
    async () => {
      const guarded = admin({ redact: redactPaths(['**.email']) });
      guarded.attach(scene.fragment.app);
      const server = createServer(guarded.handler).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const guest = await openOperator(browser, `http://127.0.0.1:${port}/admin`);
      const told = guest.page.getByText('The application hides parts of what was sent');
      const shown: string[] = [];
      const look = async (): Promise<void> => {
        shown.push(await guest.page.locator('main').innerText());
      };
      try {
        await guest.goTo(`/jobs/${discarded}`);
        await told.waitFor();
        await look();
        await guest.goTo(`/events/${discarded.split('.')[0]}`);
        await told.waitFor();
        await guest.button('Raw').click();
        await look();
        await guest.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
        await guest.button('Copy as curl, redacted').click();
        await guest.button('Copied').waitFor();
        shown.push(await guest.page.evaluate<string>('navigator.clipboard.readText()'));
        expect(shown.map((text) => [text.includes('***'), text.includes('ada@example.com')])).toEqual([
          [true, false],
          [true, false],
          [true, false],
        ]);
        await operator.goTo(`/events/${discarded.split('.')[0]}`);
        await operator.page.getByText('ada@example.com').first().waitFor();
        expect(await operator.page.getByText('The application hides').count()).toBe(0);
        expect([guest.complaints, await guest.violations()]).toEqual([[], []]);
      } finally {
        await guest.stop();
        server.closeAllConnections();
        server.close();
        await once(server, 'close');
      }
    },
    LONG_MS,
  );

  it(
    'has a live tail that comes back by itself after an answer that was no stream',
    async () => {
      const { page } = operator;
      let refused = 0;
      await page.route('**/api/store/stream*', (route) => {
        refused += 1;
        return refused > 2 ? route.fallback() : route.fulfill({ status: 503, body: '{}' });
      });
      await operator.goTo('/live');
      await page.getByText('connecting again').waitFor();
      await page.locator('.page-actions').getByText('live', { exact: true }).waitFor();
      expect(refused).toBe(3);
      await scene.send('/v1/track', { userId: 'ada', event: 'Back Again', integrations: { All: false } });
      await page.getByRole('row', { name: /Back Again/ }).waitFor();
      await page.unroute('**/api/store/stream*');
      forgiveRefusals(operator);
    },
    LONG_MS,
  );

  it(
    'is told why a list cannot be read, and reads it as soon as it can be',
    async () => {
      const { page } = operator;
      const body = { statusCode: 503, code: 'FRAGMENT_STORE_UNAVAILABLE', message: 'The store is away.' };
      await page.route('**/api/store/events?*', (route) => route.fulfill({ status: 503, json: body }));
      await operator.goTo('/events');
      const alert = page.getByRole('alert');
      await alert.getByText('The store is away.').waitFor();
      await alert.getByText('FRAGMENT_STORE_UNAVAILABLE').waitFor();
      expect(await operator.violations()).toEqual([]);
      await alert.getByRole('button', { name: 'Try again' }).waitFor();
      // Whoever does not press it: the list is asked for again by itself.
      await page.unroute('**/api/store/events?*');
      await page.getByRole('row', { name: /Signed Up/ }).waitFor();
      await alert.waitFor({ state: 'detached' });
      forgiveRefusals(operator);
    },
    LONG_MS,
  );

  it(
    'sees how each schedule ran, comes to what it found, and runs one that has not run yet',
    async () => {
      const { page, goTo, button } = operator;
      const { operations } = scene.fragment;
      for (const trigger of ['report', 'broken']) await operations.runTrigger({ source: 'clock', trigger });
      const last = (trigger: string) => operations.findRuns({ source: 'clock', trigger });
      await waitFor(async () => (await last('broken')).items[0]?.state === 'failed');
      await waitFor(async () => (await last('report')).items[0]?.state === 'succeeded');
      await goTo('/sources/clock');
      const trigger = (name: string) =>
        page.getByRole('listitem').filter({ has: page.getByText(name, { exact: true }) });
      const rows = (name: string) => trigger(name).locator('tbody tr');
      await rows('broken').getByText('connect ECONNREFUSED 10.0.0.7:5432').waitFor();
      expect(await trigger('broken').locator('.trigger-head').textContent()).toMatch(
        /@yearly next in .*last run .*failed/,
      );
      await trigger('quiet').locator('.trigger-last', { hasText: 'has not run yet' }).waitFor();
      await trigger('quiet').getByText('It has not run yet.').waitFor();
      await trigger('quiet').getByRole('button', { name: 'Run now …' }).click();
      await button('Run').click();
      await page.getByText('quiet runs').waitFor();
      await waitFor(async () => (await last('quiet')).items[0]?.state === 'succeeded');
      await rows('quiet').getByText('none').waitFor();
      await rows('quiet').getByText('by hand').waitFor();
      const { items } = await operations.findAudit();
      expect(items[0]).toMatchObject({ action: 'trigger.run', target: 'clock/quiet', outcome: 'ok' });
      await rows('report').getByRole('link', { name: '1 event' }).click();
      await page.waitForURL(`**/events/${(await last('report')).items[0]?.eventId ?? ''}`);
    },
    LONG_MS,
  );

  it(
    'sees which gateways and schedulers run, and which one is gone',
    async () => {
      const { page, goTo } = operator;
      await page.route('**/api/services', async (route) => {
        const response = await route.fetch();
        const { data, ...rest } = (await response.json()) as { readonly data: readonly object[] };
        await route.fulfill({ json: { ...rest, data: [...data, { ...data[0], id: 'x', gone: true }] } });
      });
      await goTo('/');
      const table = page.getByRole('table', { name: 'Gateways and schedulers that run' });
      await table.getByText('gone').waitFor();
      const texts = (await table.locator('tbody tr').allTextContents()).map((text) => text.split('http')[0]);
      expect(texts).toEqual(['gateway running', 'scheduler running', 'gateway gone']);
      await table.getByText(new URL(scene.dashboard).origin, { exact: false }).waitFor();
      await page.unroute('**/api/services');
    },
    LONG_MS,
  );

  it(
    'has the first page at little cost, under a policy that lets nothing in',
    async () => {
      const fresh = await openOperator(browser, scene.dashboard);
      const bodies: Promise<Buffer>[] = [];
      fresh.page.on('response', (response) => {
        if (!response.url().includes('/api/')) bodies.push(response.body());
      });
      const answered = fresh.page.waitForResponse(`${scene.dashboard}/`);
      await fresh.goTo('/');
      const bytes = (await Promise.all(bodies)).reduce((sum, body) => sum + gzipSync(body).length, 0);
      process.stderr.write(`first load: ${Math.round(bytes / 1_000)} kB, compressed\n`);
      expect(bytes).toBeGreaterThan(50_000);
      expect(bytes).toBeLessThan(FIRST_LOAD_BYTES);
      const policy = (await (await answered).allHeaders())['content-security-policy'] ?? '';
      const directives = new Map(
        policy.split('; ').map((each) => [each.split(' ', 1)[0] ?? '', each.replace(/^\S+ /, '')]),
      );
      for (const name of ['script-src', 'style-src', 'connect-src', 'default-src'])
        expect([name, directives.get(name) ?? directives.get('default-src')]).toEqual([name, `'self'`]);
      for (const name of ['base-uri', 'object-src', 'frame-ancestors'])
        expect([name, directives.get(name)]).toEqual([name, `'none'`]);
      expect(fresh.complaints).toEqual([]);
      await fresh.stop();
    },
    LONG_MS,
  );
});

/** A browser notes every answer of 503: here those that the test gave itself. */
function forgiveRefusals({ complaints }: Operator): void {
  const noted = complaints as string[];
  noted.splice(0, noted.length, ...noted.filter((each) => !each.includes('503')));
}

const ACTIONS = 'a[href], button, input, select, textarea, summary, [tabindex], [role=button]';

/**
 * Goes once through the page by Tab, and returns what could be used but was not reached, and where the
 * focus could not be seen. What a tree of JSON unfolds is gone through by its arrow keys.
 */
async function untouched({ page }: Operator): Promise<readonly string[]> {
  const actions = await page.evaluate<number>(`(() => {
    document.activeElement?.blur();
    window.unseen = [];
    document.addEventListener('focusin', ({ target }) => {
      target.dataset.reached = 'yes';
      const { outlineStyle, outlineWidth } = getComputedStyle(target);
      if (outlineStyle === 'none' || parseFloat(outlineWidth) < 1 || !target.checkVisibility())
        unseen.push('the focus is not seen on ' + target.outerHTML.slice(0, 120));
    });
    return document.querySelectorAll(${JSON.stringify(ACTIONS)}).length;
  })()`);
  await Promise.all(Array.from({ length: actions + 3 }, () => page.keyboard.press('Tab')));
  const missed = await page.evaluate<
    readonly string[]
  >(`[...document.querySelectorAll(${JSON.stringify(ACTIONS)})]
    .filter((each) => !each.dataset.reached && each.checkVisibility() && !each.disabled && !each.closest('.json')
      && each.id !== 'content')
    .map((each) => 'not reached: ' + each.outerHTML.slice(0, 120))`);
  return [...new Set(await page.evaluate<readonly string[]>('unseen')), ...missed];
}
