import type { Actions, Extraction, HttpTrigger, Source } from '@fragment/core';
import type { MessageType } from '@fragment/segment-spec';
import { readBatch } from './batch.js';
import { readMessageBody } from './body.js';
import type { Arrival } from './message.js';
import { metricsTrigger } from './metrics.js';
import { settingsOf, type PlanOf, type RestFlows, type RestOptions, type RestSettings } from './options.js';
import { pixelTrigger } from './pixel.js';
import { routes, type RestRoute } from './routes.js';
import { settingsTrigger } from './sdk-settings.js';
import { readSingle, soundMessage } from './single.js';
import { keyRing, type KeyRing } from './write-keys.js';

/** A source that speaks Segment, over HTTP and to its own process. */
export interface RestSource<Name extends string = string, Plan extends Actions = Actions> extends Source<
  Name,
  Plan
> {
  /**
   * Reads the JSON text of one message as the route of its type would, but for the write key, which nobody needs here.
   * @throws {FragmentError} FRAGMENT_INGEST_* with status 400.
   */
  readMessage(type: MessageType, json: string, arrival: Arrival): Extraction;
}

/**
 * The Segment HTTP API as a source: `POST <prefix>/v1/identify`, `track`, `page`, `screen`, `group`, `alias`, `batch`,
 * the short routes of browsers, `GET <prefix>/v1/pixel/:type` for e-mails, and what SDKs ask for beside sending.
 * Bodies are JSON under any Content-Type.
 *
 * @throws {FragmentError} FRAGMENT_CONFIG_INVALID with every problem of the options at once.
 */
export function rest<const Name extends string = 'rest', const Flows extends RestFlows = []>(
  options?: RestOptions<Name, Flows>,
): RestSource<NoInfer<Name>, PlanOf<NoInfer<Flows>>>;
export function rest(options: RestOptions = {}): RestSource {
  const settings = settingsOf(options);
  const keys = keyRing(settings.writeKeys);
  return {
    name: settings.name,
    triggers: [
      ...routes.map((route) => messageTrigger(route, settings, keys)),
      pixelTrigger(settings, keys),
      settingsTrigger(settings, keys),
      metricsTrigger(settings),
    ],
    options: publicOptions(settings),
    readMessage(type, json, arrival) {
      const bytes = Buffer.from(json);
      return soundMessage(
        type,
        readMessageBody(bytes, settings.limits, type),
        bytes.length,
        arrival,
        settings,
      );
    },
  };
}

function messageTrigger(
  { trigger, paths, devicePath, reads }: RestRoute,
  settings: RestSettings,
  keys: KeyRing,
): HttpTrigger {
  const { prefix, showMeta, showData, flows } = settings;
  const ofDevices = `${prefix}${devicePath}`;
  return {
    name: trigger,
    mode: 'http',
    route: { methods: ['POST'], path: paths.map((path) => `${prefix}${path}`), showMeta, showData },
    ...(reads === 'batch' ? {} : { flows: flows[reads] }),
    extract: (request, t) =>
      reads === 'batch'
        ? readBatch(request, request.path === ofDevices, t, settings, keys)
        : readSingle(reads, request, request.path === ofDevices, t, settings, keys),
  };
}

/** Keys by their names alone. */
function publicOptions(settings: RestSettings): NonNullable<Source['options']> {
  const { prefix, showMeta, showData, strict, contextIp, limits, writeKeys } = settings;
  const publicUrl = settings.publicUrl?.href;
  const names = writeKeys?.map(({ name, enabled }) => ({ name, enabled })) ?? 'any';
  return { prefix, publicUrl, showMeta, showData, strict, contextIp, limits, writeKeys: names };
}
