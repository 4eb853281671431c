import { createRequire } from 'node:module';
import { mkdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, Locator, Page } from 'playwright-core';

const require = createRequire(import.meta.url);
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const directory = fileURLToPath(new URL('../../screenshots/', import.meta.url));
/** How long anything may take on a machine that does a lot else. */
const TIMEOUT_MS = 30_000;

export type Theme = 'light' | 'dark';
export const widths = [360, 768, 1280] as const;

/** Somebody who works with the dashboard, and whatever the page does that it must not do. */
export interface Operator {
  readonly page: Page;
  /** Errors of the console, requests to other origins, dialogs, and what the policy of the page has stopped. */
  readonly complaints: readonly string[];
  /** Opens a page of the dashboard, and waits until it shows what it has read. */
  readonly goTo: (below: string) => Promise<void>;
  readonly button: (name: string | RegExp) => Locator;
  /** Keeps what is to be seen at all widths; `look` is called at each of them, while the page has it. */
  readonly shoot: (name: string, look?: (width: number) => Promise<void>) => Promise<void>;
  /** How many pixels the page, or a table in it, is wider than its place. */
  readonly overflow: () => Promise<number>;
  /** What axe finds serious or critical. */
  readonly violations: () => Promise<readonly string[]>;
  readonly stop: () => Promise<void>;
}

export async function openOperator(
  browser: Browser,
  dashboard: string,
  theme: Theme = 'light',
): Promise<Operator> {
  const context = await browser.newContext({
    colorScheme: theme,
    viewport: viewport(1280),
    timezoneId: 'UTC',
  });
  context.setDefaultTimeout(TIMEOUT_MS);
  const complaints: string[] = [];
  await context.exposeFunction('reportViolation', (text: string) => complaints.push(`policy: ${text}`));
  await context.addInitScript(`addEventListener('securitypolicyviolation', (event) =>
    reportViolation(event.violatedDirective + ' ' + event.blockedURI));`);
  const page = await context.newPage();
  watch(page, new URL(dashboard).origin, complaints);
  return {
    page,
    complaints,
    goTo: async (below) => {
      await page.goto(`${dashboard}${below}`, { waitUntil: 'load' });
      await page.locator('h1').first().waitFor();
      await page.locator('.loading').first().waitFor({ state: 'detached' });
    },
    button: (name) => page.getByRole('button', { name, exact: typeof name === 'string' }),
    shoot: (name, look) => shoot(page, `${name}-${theme}`, look),
    overflow: () => page.evaluate<number>(overflow),
    violations: () => violations(page),
    stop: () => context.close(),
  };
}

const viewport = (width: number) => ({ width, height: width < 700 ? 740 : 860 });

function watch(page: Page, origin: string, complaints: string[]): void {
  page.on('console', (message) => {
    // A user of whom nothing is kept is answered 404, and a browser notes every 404.
    const unknownUser = message.location().url.includes('/api/users/');
    if (message.type() === 'error' && !unknownUser) complaints.push(`console: ${message.text()}`);
  });
  page.on('pageerror', ({ message }) => complaints.push(`error: ${message}`));
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== origin) complaints.push(`request: ${request.url()}`);
  });
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
}

const overflow = `Math.max(...[document.documentElement, ...document.querySelectorAll('.table-scroll')]
  .map(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth))`;

async function shoot(page: Page, name: string, look?: (width: number) => Promise<void>): Promise<void> {
  mkdirSync(directory, { recursive: true });
  for (const width of widths) {
    await page.setViewportSize(viewport(width));
    await look?.(width);
    await page.screenshot({ path: `${directory}${name}-${width}.png`, animations: 'disabled' });
  }
}

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
  }[];
}

async function violations(page: Page): Promise<readonly string[]> {
  const options = { resultTypes: ['violations'] };
  await page.evaluate(`window.axe ?? (() => { ${axe} })()`);
  const found = await page.evaluate<AxeResult>(`axe.run(document, ${JSON.stringify(options)})`);
  return found.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, nodes }) =>
        `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join('; ')}`,
    );
}
