import path from 'node:path';
import { loadEnvironment } from '../env-files.js';
import type { OperatorFlags } from '../flags.js';
import { AdminApi } from './admin-api.js';
import type { RemoteOperator } from './operator.js';
import { remoteActing } from './remote-acting.js';
import { remoteSeeing } from './remote-seeing.js';

/** Through the admin API of a running scheduler. The token is FRAGMENT_ADMIN_TOKEN: flags are seen by everybody. */
export function remoteOperator(url: string, flags: OperatorFlags): RemoteOperator {
  loadEnvironment(
    path.resolve(flags.cwd),
    flags.envFile === undefined ? undefined : path.resolve(flags.envFile),
  );
  const api = new AdminApi(url, process.env['FRAGMENT_ADMIN_TOKEN']);
  return { ...remoteSeeing(api), ...remoteActing(api), close: () => Promise.resolve() };
}
