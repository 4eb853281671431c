import { lazy, type ComponentType } from 'react';

export interface PageProps {
  /** What the `:name`s of the path stand for, decoded. */
  readonly params: Readonly<Record<string, string | undefined>>;
}

export interface PageRoute {
  readonly path: string;
  readonly view: ComponentType<PageProps>;
}

/** A page whose code is fetched when it is first shown. */
const page = (path: string, load: () => Promise<ComponentType<PageProps>>): PageRoute => ({
  path,
  view: lazy(async () => ({ default: await load() })),
});

/** Every page of the dashboard. */
export const pages: readonly PageRoute[] = [
  page('/', async () => (await import('./overview/overview-page.js')).OverviewPage),
  page('/live', async () => (await import('./live/live-page.js')).LivePage),
  page('/events', async () => (await import('./events/events-page.js')).EventsPage),
  page('/events/:id', async () => (await import('./events/event-page.js')).EventPage),
  page('/jobs', async () => (await import('./jobs/jobs-page.js')).JobsPage),
  page('/jobs/:id', async () => (await import('./jobs/job-page.js')).JobPage),
  page('/failures', async () => (await import('./failures/failures-page.js')).FailuresPage),
  page('/orders', async () => (await import('./orders/orders-page.js')).OrdersPage),
  page('/orders/:id', async () => (await import('./orders/orders-page.js')).OrderPage),
  page('/rejections', async () => (await import('./rejections/rejections-page.js')).RejectionsPage),
  page('/sources', async () => (await import('./sources/sources-page.js')).SourcesPage),
  page('/sources/:name', async () => (await import('./sources/sources-page.js')).SourcePage),
  page('/destinations', async () => (await import('./destinations/destinations-page.js')).DestinationsPage),
  page(
    '/destinations/:name',
    async () => (await import('./destinations/destination-page.js')).DestinationPage,
  ),
  page('/users', async () => (await import('./users/users-page.js')).UsersPage),
  page('/audit', async () => (await import('./audit/audit-page.js')).AuditPage),
  page('/health', async () => (await import('./health/health-page.js')).HealthPage),
];
