import { FragmentError } from '@fragment/core';
import type { Generation } from './generation.js';
import { nameProblem } from './names.js';
import { action } from './pieces/action.js';
import { application } from './pieces/application.js';
import { destination } from './pieces/destination.js';
import { flow } from './pieces/flow.js';
import { migration } from './pieces/migration.js';
import { source } from './pieces/source.js';
import { trigger } from './pieces/trigger.js';
import type { GenerateRequest, Kind } from './request.js';

const pieces: Readonly<Record<Kind, (request: GenerateRequest) => Generation>> = {
  application,
  source,
  trigger,
  flow,
  destination,
  action,
  migration,
};

/**
 * What a request would write. Reads the project it is for, and writes nothing: that is for `write`.
 *
 * @throws {FragmentError} FRAGMENT_CLI_USAGE for a bad name or a missing mode or parent; FRAGMENT_CONFIG_NOT_FOUND.
 */
export function generate(request: GenerateRequest): Generation {
  const problem = nameProblem(request.name);
  if (problem !== undefined) {
    throw new FragmentError('FRAGMENT_CLI_USAGE', { detail: `--name "${request.name}" ${problem}.` });
  }
  return pieces[request.kind](request);
}
