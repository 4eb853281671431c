import type { HttpTrigger, Source } from '@fragment/core';
import { readBatch } from './batch.js';
import { settingsOf, type RestOptions, type RestSettings } from './options.js';
import { routes, type RestRoute } from './routes.js';
import { readSingle } from './single.js';
import { authenticator, type Authenticate } from './write-keys.js';

/**
 * The Segment HTTP API as a source: `POST <prefix>/v1/identify`, `track`, `page`, `screen`, `group`, `alias`, `batch`,
 * and the short routes of browsers. Bodies are JSON under any Content-Type.
 *
 * @throws {FragmentError} FRAGMENT_CONFIG_INVALID with every problem of the options at once.
 */
export function rest(options: RestOptions = {}): Source {
  const settings = settingsOf(options);
  const authenticate = authenticator(settings.writeKeys);
  return {
    name: settings.name,
    triggers: routes.map((route) => triggerOf(route, settings, authenticate)),
    options: publicOptions(settings),
  };
}

function triggerOf(
  { trigger, paths, reads }: RestRoute,
  settings: RestSettings,
  authenticate: Authenticate,
): HttpTrigger {
  const { prefix, showMeta, showData, flows } = settings;
  return {
    name: trigger,
    mode: 'http',
    route: { methods: ['POST'], path: paths.map((path) => `${prefix}${path}`), showMeta, showData },
    ...(reads === 'batch' ? {} : { flows: flows[reads] }),
    extract: (request, t) =>
      reads === 'batch'
        ? readBatch(request, t, settings, authenticate)
        : readSingle(reads, request, t, settings, authenticate),
  };
}

/** Keys by their names alone. */
function publicOptions({
  prefix,
  showMeta,
  showData,
  strict,
  limits,
  writeKeys,
}: RestSettings): NonNullable<Source['options']> {
  const names = writeKeys?.map(({ name, enabled }) => ({ name, enabled })) ?? 'any';
  return { prefix, showMeta, showData, strict, limits, writeKeys: names };
}
