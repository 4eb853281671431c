import { integrationOptions } from '@fragment/segment-spec';
import type { MappingSettings } from '../options.js';
import type { AmplitudeEvent } from '../vendor.js';
import { fieldsOf, numberOf, present, textOf, type Fields } from './read.js';

/** The two names of Amplitude in `integrations`: the destination's own, and the one of Segment's newer destination. */
export const integrationNames = { own: 'Amplitude', actions: 'Actions Amplitude' } as const;

/** What the message says for Amplitude under either name; the newer one wins. */
export function amplitudeOptionsOf(message: Fields): Fields {
  const { integrations } = message;
  return {
    ...integrationOptions(integrations, integrationNames.own),
    ...integrationOptions(integrations, integrationNames.actions),
  };
}

type EventOptions = Pick<AmplitudeEvent, 'session_id' | 'event_id' | 'groups' | '$skip_user_properties_sync'>;

/** Session, event id and groups of an event, and whether it may change its user. */
export function eventOptionsOf(message: Fields, settings: MappingSettings): EventOptions {
  const options = amplitudeOptionsOf(message);
  const context = fieldsOf(message['context']);
  const eventId = numberOf(options['event_id'] ?? options['eventId']);
  const skips =
    options['skip_user_properties_sync'] ??
    options['skipUserPropertiesSync'] ??
    settings.skipUserPropertiesSync;
  return present<EventOptions>({
    session_id:
      sessionOf(options['session_id']) ??
      sessionOf(options['sessionId']) ??
      sessionOf(context['sessionId']) ??
      sessionOf(context['session_id']),
    event_id: Number.isSafeInteger(eventId) ? eventId : undefined,
    groups: groupsOf(options['groups'], context['groupId'], settings),
    $skip_user_properties_sync: skips === true ? true : undefined,
  });
}

/**
 * Milliseconds as a number, digits, `prefix:digits` or an ISO date; -1 is no session. Never text: Amplitude would refuse
 * the request.
 */
function sessionOf(value: unknown): number | undefined {
  const session = typeof value === 'string' ? parseSession(value.trim()) : value;
  return typeof session === 'number' && Number.isSafeInteger(session) && session >= -1 ? session : undefined;
}

function parseSession(text: string): number {
  if (/^\d{4}-\d{2}-\d{2}T/.test(text)) return Date.parse(text);
  return Number(/^(?:.*:)?(-?\d+)$/.exec(text)?.[1] ?? NaN);
}

/** Group type to one value or several. `context.groupId` is the group of the configured type, unless the options name one. */
function groupsOf(options: unknown, groupId: unknown, settings: MappingSettings): Fields | undefined {
  const groups: Record<string, string | string[]> = {};
  const own = settings.groupTypeTrait === undefined && settings.groupValueTrait === undefined;
  const value = own ? textOf(groupId) : undefined;
  if (value !== undefined) groups[settings.groupType] = value;
  for (const [type, group] of Object.entries(fieldsOf(options))) {
    const values = (Array.isArray(group) ? group : [group]).map(textOf).filter((one) => one !== undefined);
    if (values[0] !== undefined) groups[type] = Array.isArray(group) ? values : values[0];
  }
  return Object.keys(groups).length > 0 ? groups : undefined;
}
