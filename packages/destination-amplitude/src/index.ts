import type { Destination } from '@fragment/core';
import { createHttpClient } from '@fragment/http-client';
import type { MessageType } from '@fragment/segment-spec';
import { aliasAction } from './delivery/alias-action.js';
import type { Api } from './delivery/api.js';
import { checkKeys } from './delivery/check.js';
import { eventsAction } from './delivery/events-action.js';
import { integrationNames } from './mapping/amplitude-options.js';
import { mapGroup } from './mapping/group.js';
import { mapIdentify } from './mapping/identify.js';
import { mapTrack } from './mapping/track.js';
import { mapPage, mapScreen } from './mapping/view.js';
import { readOptions, type AmplitudeOptions, type Settings } from './options.js';
import { uploads } from './vendor.js';

export type { AmplitudeBatchOptions, AmplitudeOptions } from './options.js';

/**
 * Delivers Segment messages to Amplitude by its HTTP V2 or Batch Event Upload API.
 * @throws {FragmentError} FRAGMENT_CONFIG_INVALID with everything that is wrong with the options.
 */
export function amplitude<const Name extends string = 'amplitude'>(
  options: AmplitudeOptions & { readonly name?: Name },
): Destination<NoInfer<Name>, MessageType>;
export function amplitude(options: AmplitudeOptions): Destination {
  const settings = readOptions(options);
  const { apiKey, secretKey = '', name, baseUrls, allowPrivate } = settings;
  const secrets = [apiKey, secretKey].filter((secret) => secret !== '');
  const client = (baseUrl: string) =>
    createHttpClient({ baseUrl, allowPrivate, secrets, timeoutMs: uploads[settings.api].timeoutMs });
  const api: Api = {
    settings,
    upload: uploads[settings.api],
    events: client(baseUrls.events),
    userMap: client(baseUrls.userMap),
    dashboard: client(baseUrls.dashboard),
  };

  return {
    name,
    accepts: 'segment',
    integrations: [integrationNames.own, integrationNames.actions],
    actions: [
      eventsAction('identify', mapIdentify, api),
      eventsAction('track', mapTrack, api),
      eventsAction('page', mapPage, api),
      eventsAction('screen', mapScreen, api),
      eventsAction('group', mapGroup, api),
      ...(settings.alias ? [aliasAction(api)] : []),
    ],
    ordering: options.ordering ?? 'none',
    limits: { concurrency: api.upload.concurrency },
    ...(options.schedule && { schedule: options.schedule }),
    options: shown(settings),
    check: ({ signal }) => checkKeys(api, signal),
    async shutdown() {
      await Promise.all([api.events.close(), api.userMap.close(), api.dashboard.close()]);
    },
  };
}

/** What may be seen of the settings: no key. */
function shown({
  region,
  api,
  baseUrls,
  alias,
  maxWaitMs,
  mapping,
}: Settings): Readonly<Record<string, unknown>> {
  const traitOperations = Object.fromEntries(mapping.traitOperations);
  return { region, api, endpoint: baseUrls.events, alias, batch: { maxWaitMs }, ...mapping, traitOperations };
}
