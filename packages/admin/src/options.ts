import type { Validation } from '@fragment/core';
import { ROLES } from './access/roles.js';
import type { AdminOptions } from './admin-options.js';

const LEAST_TOKEN = 16;

/** What is wrong with the options, without repeating a token. */
export function problemsOf({
  token,
  tokens = [],
  basePath,
  hostLogin,
  hosts,
  redact,
}: AdminOptions): readonly Validation[] {
  const problems: Validation[] = [];
  const report = (wrong: boolean, option: string, message: string): void => {
    if (wrong) problems.push({ message: `${option} ${message}`, path: ['admin', ...option.split('.')] });
  };
  report(
    token !== undefined && token.length < LEAST_TOKEN,
    'token',
    `must have at least ${LEAST_TOKEN} characters`,
  );
  for (const [at, each] of tokens.entries()) {
    report(
      each.token.length < LEAST_TOKEN,
      `tokens.${at}.token`,
      `must have at least ${LEAST_TOKEN} characters`,
    );
    report(
      !/^[\w.@-]{1,64}$/.test(each.name),
      `tokens.${at}.name`,
      'must be 1 to 64 letters, digits, or _ . @ -',
    );
    report(!ROLES.includes(each.role), `tokens.${at}.role`, `must be one of ${ROLES.join(', ')}`);
    const first = tokens.findIndex(({ name }) => name === each.name);
    report(first < at, `tokens.${at}.name`, 'is the name of another token');
  }
  const hasToken = token !== undefined || tokens.length > 0;
  report(hasToken && (hostLogin ?? false) !== false, 'hostLogin', 'and tokens exclude each other');
  report(hosts?.length === 0, 'hosts', 'must name a host, or be left out');
  report(redact !== undefined && typeof redact !== 'function', 'redact', 'must be a function');
  report(
    basePath !== undefined && !/^(\/[A-Za-z0-9._~-]+)+$/.test(basePath),
    'basePath',
    'must look like /admin, without a slash at its end',
  );
  return problems;
}
