import { configErrors } from './registry/config.js';
import { deliveryErrors } from './registry/delivery.js';
import { embeddedErrors } from './registry/embedded.js';
import { httpErrors } from './registry/http.js';
import { ingestErrors } from './registry/ingest.js';
import { cliErrors } from './registry/cli.js';
import { scaffoldErrors } from './registry/scaffold.js';
import { storeErrors } from './registry/store.js';
import { triggerErrors } from './registry/trigger.js';

/** Every code Fragment can show, with status, sentence and advice. docs/errors.md lists the same, and a test compares. */
export const errorRegistry = {
  ...configErrors,
  ...deliveryErrors,
  ...embeddedErrors,
  ...httpErrors,
  ...ingestErrors,
  ...cliErrors,
  ...scaffoldErrors,
  ...storeErrors,
  ...triggerErrors,
};

export type ErrorCode = keyof typeof errorRegistry;
