import { pathsOf, type StartedApplication } from '@fragment/core';
import type { Fragment } from '@fragment/runtime';

/** Where the services are and what to try first. Keys are never shown, only where they go. */
export function welcome({ app, settings }: Fragment, { gateway, scheduler }: StartedApplication): string {
  const lines: string[] = [''];
  if (gateway) lines.push(`  gateway    ${gateway.url}`);
  if (scheduler) lines.push(`  scheduler  ${scheduler.url}/admin/api`);
  const identify = app.routes.find(({ trigger }) => trigger.name === 'identify');
  if (gateway && identify) {
    const keys = Array.isArray(identify.source.options?.['writeKeys']) ? ` -u '<write key>:'` : '';
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
    lines.push('', 'See its jobs:', `  curl${token} ${scheduler.url}/admin/api/store/jobs`);
  }
  return `${lines.join('\n')}\n\n`;
}
