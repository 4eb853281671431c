import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { requiring, waitFor } from '@fragment/testing';
import type { Browser } from 'playwright-core';
import { launchBrowser } from '../wire/browser.js';
import { openOperator, type Operator } from './operator.js';
import { openScene, type Scene } from './scene.js';

const describeInBrowser = await requiring('chromium', describe);
const LONG_MS = 120_000;

describeInBrowser('an operator at the dashboard', () => {
  let browser: Browser;
  let scene: Scene;
  let operator: Operator;
  let jobs = 0;
  beforeAll(async () => {
    [browser, scene] = await Promise.all([launchBrowser(), openScene()]);
    operator = await openOperator(browser, scene.dashboard);
  }, LONG_MS);
  afterEach(() => expect(operator.complaints).toEqual([]));
  afterAll(async () => {
    await operator.stop();
    await browser.close();
    await scene.stop();
  });

  const vendorsOnly = { Webhook: false };
  const webhookOnly = { All: false, Webhook: true };
  const text = (content: string | RegExp) => operator.page.getByText(content).first();

  /** Answers the dialog that is open, and waits until it is closed. */
  const confirm = async (name: string | RegExp): Promise<void> => {
    const dialog = operator.page.getByRole('dialog');
    await dialog.getByRole('button', { name }).click();
    await dialog.waitFor({ state: 'detached' });
  };

  it(
    'sees one identify become three jobs, and reads why Mailchimp discarded its own',
    async () => {
      const { page } = operator;
      await operator.goTo('/');
      await text('No events yet').or(text(/curl/)).first().waitFor();
      // Mailchimp takes no address of example.com.
      await scene.send('/v1/identify', {
        userId: 'ada',
        messageId: 'hello-1',
        traits: { email: 'ada@example.com', name: 'Ada Lovelace' },
        integrations: vendorsOnly,
      });
      await scene.settled((jobs += 3));
      await operator.goTo('/events');
      await page.getByRole('link', { name: 'mailchimp discarded' }).waitFor();
      expect(await page.locator('tbody .pills a').count()).toBe(3);
      await page.locator('tbody tr').first().getByRole('link').first().click();
      await page.getByRole('heading', { name: '3 jobs' }).waitFor();
      await page.locator('.timeline').getByRole('link', { name: 'mailchimp identify' }).click();
      await page.getByRole('heading', { name: 'mailchimp · identify' }).waitFor();
      await text(/fake or invalid/).waitFor();
      await text('It is not tried again.').waitFor();
      await page.getByRole('heading', { name: 'Response received' }).waitFor();
      await operator.goTo('/failures');
      await page.getByRole('row', { name: /mailchimp · identify/ }).waitFor();
      // What went well is told as fully as what did not.
      await operator.goTo('/events?events.message_id=hello-1');
      await page.getByRole('link', { name: 'amplitude succeeded' }).click();
      const sides = page.locator('.attempts .wire-side');
      await sides.filter({ hasText: 'Request sent' }).getByText('POST /2/httpapi').waitFor();
      await sides.filter({ hasText: 'Response received' }).getByText('events_ingested').waitFor();
    },
    LONG_MS,
  );

  it(
    'sees of a job that succeeded what was sent and what came back, or why not',
    async () => {
      const { page } = operator;
      const integrations = { All: false, crm: true };
      await scene.send('/v1/screen', { userId: 'grace', messageId: 'kept-1', name: 'Cockpit', integrations });
      await scene.send('/v1/group', { userId: 'grace', groupId: 'navy', integrations });
      const all = await scene.settled((jobs += 2));
      const jobOf = (action: string) => all.find((job) => job.action === action && job.destination === 'crm');
      await operator.goTo(`/jobs/${jobOf('screen')!.id}`);
      const attempt = page.locator('.attempts > li');
      await attempt.getByText('HTTP 201').waitFor();
      for (const [title, excerpt] of [
        ['Request sent', 'POST /leads'],
        ['Response received', 'taken: {'],
      ] as const) {
        const side = attempt.locator('.wire-side', { hasText: title });
        expect(await side.textContent()).toContain(excerpt);
        expect(await side.textContent()).toContain('Cockpit');
      }
      expect(await page.getByText('was not kept').count()).toBe(0);
      await operator.goTo(`/jobs/${jobOf('group')!.id}`);
      await attempt.getByText('was not kept').waitFor();
      await attempt.getByText('execution.keptExchangesPerSecond').waitFor();
      await operator.goTo(`/events/${jobOf('screen')!.eventId}`);
      await page.locator('.timeline summary').click();
      await page.locator('.transitions').getByText('attempt 1 · HTTP 201').waitFor();
    },
    LONG_MS,
  );

  it(
    'finds an event by its user and by its message',
    async () => {
      const { page } = operator;
      for (const [field, value, event] of [
        ['User id', 'ada', 'identify'],
        ['Message id', 'hello-1', 'identify'],
        ['Message id', 'hello-2', undefined],
      ] as const) {
        await operator.goTo('/events');
        await page.getByLabel('Search in').selectOption({ label: field });
        await page.keyboard.press('/');
        await page.getByRole('searchbox', { name: field }).fill(value);
        await page.keyboard.press('Enter');
        await page.getByRole('list', { name: 'Filters' }).getByText(value).waitFor();
        await (
          event === undefined ? text('No event matches') : page.locator('tbody').getByText(event).first()
        ).waitFor();
        expect(new URL(page.url()).search).toContain(value);
      }
    },
    LONG_MS,
  );

  it(
    'replays the event, which makes its jobs again',
    async () => {
      await operator.goTo('/events?events.message_id=hello-1');
      await operator.page.locator('tbody tr').first().getByRole('link').first().click();
      await operator.button('Replay').click();
      await confirm('Replay');
      await text('3 jobs added').waitFor();
      await scene.settled((jobs += 3));
      await operator.page.getByRole('heading', { name: '6 jobs' }).waitFor();
    },
    LONG_MS,
  );

  it(
    'pauses a lane, which holds its jobs, and resumes it',
    async () => {
      const { page } = operator;
      await operator.goTo('/destinations/webhook');
      await operator.button('Pause …').click();
      await page.getByRole('dialog').getByRole('textbox').fill('Their release is tonight');
      await confirm('Pause');
      await text('Their release is tonight').waitFor();
      await scene.send('/v1/track', { userId: 'ada', event: 'Held Back', integrations: webhookOnly });
      await operator.goTo('/destinations/webhook');
      const awaiting = page.locator('.key-values > div', { hasText: 'awaiting' });
      await awaiting.getByText('1', { exact: true }).waitFor();
      expect(scene.receiver.accepted).toEqual([]);
      await operator.button('Resume').click();
      await text('webhook delivers again').waitFor();
      await scene.settled((jobs += 1));
      expect(scene.receiver.accepted).toMatchObject([{ event: 'Held Back' }]);
    },
    LONG_MS,
  );

  it(
    'sees an event live, as soon as it was received',
    async () => {
      const { page } = operator;
      await operator.goTo('/live');
      await page.locator('.page-actions').getByText('live', { exact: true }).waitFor();
      const sentAt = performance.now();
      await scene.send('/v1/track', { userId: 'ada', event: 'Seen Live', integrations: webhookOnly });
      await page.getByRole('row', { name: /Seen Live/ }).waitFor();
      const tookMs = performance.now() - sentAt;
      process.stderr.write(`live tail: shown ${Math.round(tookMs)} ms after it was sent\n`);
      expect(tookMs).toBeLessThan(5_000);
      await page.getByRole('row', { name: /Seen Live.*webhook succeeded/ }).waitFor();
      await operator.shoot('live-tail');
      await scene.settled((jobs += 1));
    },
    LONG_MS,
  );

  it(
    'retries 500 failed jobs: previews, sets a rate, cancels half-way, and does the rest',
    async () => {
      const { page } = operator;
      scene.receiver.script({ status: 500, body: 'down for maintenance', times: 500 });
      const batch = Array.from({ length: 500 }, (_, n) => ({
        type: 'track',
        event: 'Order Completed',
        userId: `user-${n}`,
        messageId: `order-${n}`,
        integrations: webhookOnly,
      }));
      expect((await scene.send('/v1/batch', { batch })).body.meta).toMatchObject({ stored: 500 });
      await scene.settled((jobs += 500));
      await operator.goTo('/failures');
      await page
        .getByRole('row', { name: /webhook · track/ })
        .getByRole('checkbox')
        .check();
      await text('1 group, 500 jobs').waitFor();
      await operator.button('Retry …').click();
      const dialog = page.getByRole('dialog');
      await dialog.getByText('500 jobs', { exact: true }).waitFor();
      await dialog.getByRole('spinbutton').fill('50');
      await dialog.getByText('about 10 s at this rate').waitFor();
      await operator.shoot('retry-dialog');
      await confirm('Retry 500 jobs');
      const order = page.locator('.order').first();
      await waitFor(async () => visited(await order.textContent()) >= 100, { timeoutMs: 60_000 });
      await order.getByRole('button', { name: 'Cancel' }).click();
      await order.getByText('cancelled').waitFor();
      await operator.shoot('order-cancelled');
      await scene.settled(jobs);
      // A step that was on its way when the order was cancelled is done, and told.
      const left = await waitFor(async () => {
        const [{ done } = { done: 0 }] = (await scene.fragment.operations.findBulks()).items;
        const failed = await failedJobs();
        return done + failed === 500 ? failed : undefined;
      });
      expect(left).toBeGreaterThan(0);
      expect(left).toBeLessThanOrEqual(400);

      await operator.goTo('/failures?jobs.status_in=failed');
      const rest = page.getByRole('row', { name: /webhook · track/ });
      await rest.getByText(String(left), { exact: true }).waitFor();
      await rest.getByRole('checkbox').check();
      await operator.button('Retry …').click();
      await confirm(`Retry ${left} jobs`);
      await order.getByText('done', { exact: true }).waitFor();
      await scene.settled(jobs);
      expect(await failedJobs()).toBe(0);
      await operator.goTo('/orders');
      expect(await page.locator('tbody tr').count()).toBe(2);
    },
    LONG_MS,
  );

  it(
    'deletes what a filter finds: previews, types it, and sees it go',
    async () => {
      const { page } = operator;
      const filter = '/events?events.name=Order+Completed&jobs.status_in=succeeded';
      await operator.goTo(filter);
      await operator.button('Delete all that match').click();
      const dialog = page.getByRole('dialog');
      const order = dialog.getByRole('button', { name: 'Delete 500 events' });
      await order.waitFor();
      expect(await order.isDisabled()).toBe(true);
      await dialog.getByLabel(/to confirm/).fill('delete');
      await order.click();
      await page.getByRole('link', { name: 'Follow it' }).click();
      await page.getByRole('row', { name: /Delete done.*500 deleted/ }).waitFor();
      await operator.goTo(filter);
      await text('No event matches').waitFor();
      await operator.goTo('/audit');
      await page
        .getByRole('row', { name: /Order / })
        .first()
        .getByRole('link', { name: /purge/ })
        .waitFor();
    },
    LONG_MS,
  );

  it(
    'erases a user, and keeps a receipt that does not name whom',
    async () => {
      const { page } = operator;
      await operator.goTo('/users');
      await page.getByRole('searchbox').fill('ada');
      await page.keyboard.press('Enter');
      await operator.button('Erase …').click();
      const dialog = page.getByRole('dialog');
      const erase = dialog.getByRole('button', { name: 'Erase for good' });
      expect(await erase.isDisabled()).toBe(true);
      await dialog.getByRole('textbox').fill('ada');
      await erase.click();
      await page.getByRole('heading', { name: 'Erased', exact: true }).waitFor();
      await operator.shoot('erased');
      const { items } = await scene.fragment.operations.findErasures({ limit: 10 });
      expect(items).toMatchObject([{ actor: 'local', events: 3 }]);
      await text(items[0]!.subject).waitFor();
      await operator.goTo('/users?id=ada');
      await text('The store holds no event of this user').waitFor();
      await text(/was erased/).waitFor();
      await operator.goTo('/audit');
      await page.getByRole('row', { name: /Erase a user/ }).waitFor();
      expect(await page.locator('main').textContent()).not.toContain('ada');
    },
    LONG_MS,
  );

  const failedJobs = async (): Promise<number> => {
    const { lanes } = await scene.fragment.operations.stats();
    return lanes.reduce((sum, { counts }) => sum + counts.failed, 0);
  };

  /** `120 of 500 jobs` */
  const visited = (content: string | null): number =>
    Number(/([\d,]+) of/.exec(content ?? '')?.[1]?.replace(',', '') ?? 0);
});
