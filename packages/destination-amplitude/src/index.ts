import type { Destination } from '@fragment/core';
import { createHttpClient } from '@fragment/http-client';
import { aliasAction } from './delivery/alias-action.js';
import type { Api } from './delivery/api.js';
import { eventsAction } from './delivery/events-action.js';
import { integrationNames } from './mapping/amplitude-options.js';
import { mapGroup } from './mapping/group.js';
import { mapIdentify } from './mapping/identify.js';
import { mapTrack } from './mapping/track.js';
import { mapPage, mapScreen } from './mapping/view.js';
import { readOptions, type AmplitudeOptions } from './options.js';

export type { AmplitudeOptions } from './options.js';

/**
 * Delivers Segment messages to Amplitude by its HTTP V2 API.
 * @throws {FragmentError} FRAGMENT_CONFIG_INVALID with everything that is wrong with the options.
 */
export function amplitude(options: AmplitudeOptions): Destination {
  const settings = readOptions(options);
  const { apiKey, name, region, baseUrls, allowPrivate } = settings;
  const client = (baseUrl: string) => createHttpClient({ baseUrl, allowPrivate, secrets: [apiKey] });
  const api: Api = { settings, events: client(baseUrls.events), userMap: client(baseUrls.userMap) };

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
    limits: { concurrency: 8 },
    ...(options.schedule && { schedule: options.schedule }),
    options: { region, endpoint: baseUrls.events, alias: settings.alias, ...settings.mapping },
    async shutdown() {
      await Promise.all([api.events.close(), api.userMap.close()]);
    },
  };
}
