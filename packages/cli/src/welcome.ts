import { pathsOf, type ServiceAddress, type StartedApplication } from '@fragment/core';
import { settingsView, type Fragment } from '@fragment/runtime';

/** Where the services are and what to try first. Keys are never shown, only where they go. */
export function welcome(fragment: Fragment, addresses: StartedApplication): string {
  const { gateway, scheduler } = addresses;
  const lines: string[] = [''];
  if (gateway) lines.push(`  gateway    ${gateway.url}`);
  if (scheduler) lines.push(`  dashboard  ${adminAt(fragment, scheduler)}`);
  lines.push(...firstSteps(fragment, addresses, '<write key>'));
  return `${lines.join('\n')}\n\n`;
}

/** The same for development, with the write key: it is on this machine's screen, and made for tries. */
export function devWelcome(fragment: Fragment, addresses: StartedApplication): string {
  const { gateway, scheduler } = addresses;
  const key = firstKey(fragment);
  const lines: string[] = [''];
  if (gateway) lines.push(`  gateway      ${gateway.url}`);
  lines.push(`  write key    ${key ?? 'none is needed: everybody on this machine may send'}`);
  if (scheduler) lines.push(`  dashboard    ${adminAt(fragment, scheduler)}`);
  lines.push(`  store        ${storeOf(fragment)}`);
  lines.push(...firstSteps(fragment, addresses, key ?? '<write key>'));
  lines.push('', 'For development only; in production use `fragment start`. Ctrl-C stops it.');
  return `${lines.join('\n')}\n\n`;
}

/** Where the dashboard is; the admin API is below it. */
const adminAt = ({ admin }: Fragment, { url }: ServiceAddress): string => `${url}${admin.basePath}`;

function firstSteps(fragment: Fragment, { gateway, scheduler }: StartedApplication, key: string): string[] {
  const { app, settings } = fragment;
  const lines: string[] = [];
  const identify = app.routes.find(({ trigger }) => trigger.name === 'identify');
  if (gateway && identify) {
    const keys = Array.isArray(identify.source.options?.['writeKeys']) ? ` -u '${key}:'` : '';
    const url = `${gateway.url}${pathsOf(identify.trigger.route)[0] ?? ''}`;
    const message = '{"userId":"u1","traits":{"email":"jane@example.org"}}';
    lines.push(
      '',
      'Send a first event:',
      `  curl${keys} -H 'content-type: application/json' -d '${message}' ${url}`,
    );
  }
  if (scheduler) {
    const token = settings.adminToken.value === undefined ? '' : ` -H 'authorization: Bearer <admin token>'`;
    lines.push('', 'See its jobs:', `  curl${token} ${adminAt(fragment, scheduler)}/api/store/jobs`);
  }
  return lines;
}

function firstKey({ settings }: Fragment): string | undefined {
  const keys = settings.writeKeys.value;
  if (!Array.isArray(keys)) return undefined;
  const [first] = keys as readonly (string | { readonly key: string })[];
  return typeof first === 'object' ? first.key : first;
}

function storeOf({ settings }: Fragment): string {
  const { postgres, dataDir } = settings;
  if (postgres.value === undefined)
    return `embedded PostgreSQL in ${dataDir.value}; POSTGRES_STORE_URL replaces it`;
  return settingsView(settings).find(({ name }) => name === 'postgres')?.value ?? '';
}
