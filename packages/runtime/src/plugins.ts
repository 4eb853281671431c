import { FragmentError, type Destination, type Logger, type Source } from '@fragment/core';
import { log } from '@fragment/destination-log';
import { segmentflow } from '@fragment/segmentflow';
import { parseWriteKeys, rest, type RestOptions } from '@fragment/source-rest';
import type { FragmentOptions } from './options.js';
import type { Environment } from './environment.js';
import type { FragmentSettings } from './settings.js';
import { registered } from './when-set.js';

/** The sources that were given, else the Segment API whose messages go to every destination that speaks it. */
export function sourcesOf({ sources }: FragmentOptions, settings: FragmentSettings): readonly Source[] {
  if (sources) return sources;
  const writeKeys = settings.writeKeys.value;
  if (writeKeys === undefined) refuseInProduction(settings.production.value);
  return [rest({ flows: segmentflow, writeKeys })];
}

/** The destinations that were given and can be registered, else `log`. */
export function destinationsOf(
  { destinations = [] }: FragmentOptions,
  logger: Logger,
): readonly Destination[] {
  const usable = registered(destinations, logger);
  if (usable.length > 0) return usable;
  logger.info({}, 'no destination is registered: the log says what would be delivered');
  return [log()];
}

/**
 * The write keys of FRAGMENT_WRITE_KEYS (`name:key,name:key`), for a source of your own: `rest({ writeKeys: writeKeysFrom(env) })`.
 * undefined, which lets everybody send, when there are none.
 * @throws {FragmentError} FRAGMENT_WRITE_KEYS_REQUIRED when there are none and NODE_ENV is `production`.
 */
export function writeKeysFrom(env: Environment): RestOptions['writeKeys'] {
  const writeKeys = parseWriteKeys(env['FRAGMENT_WRITE_KEYS']);
  if (writeKeys === undefined) refuseInProduction(env['NODE_ENV'] === 'production');
  return writeKeys;
}

function refuseInProduction(production: boolean): void {
  if (production) throw new FragmentError('FRAGMENT_WRITE_KEYS_REQUIRED');
}
