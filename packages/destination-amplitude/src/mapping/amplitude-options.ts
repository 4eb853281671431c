import { integrationOptions } from '@fragment/segment-spec';
import type { AmplitudeEvent } from '../vendor.js';
import { fieldsOf, numberOf, present, type Fields } from './read.js';

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

/** Session, event id and groups of an event. */
export function optionFieldsOf(message: Fields): Pick<AmplitudeEvent, 'session_id' | 'event_id' | 'groups'> {
  const options = amplitudeOptionsOf(message);
  const context = fieldsOf(message['context']);
  const eventId = numberOf(options['event_id'] ?? options['eventId']);
  return present({
    session_id: sessionOf(options['session_id'] ?? options['sessionId'] ?? context['sessionId']),
    event_id: Number.isSafeInteger(eventId) ? eventId : undefined,
    groups: groupsOf(options['groups']),
  });
}

/** Milliseconds as a number, digits, `prefix:digits` or an ISO date. Never text: Amplitude would refuse the request. */
function sessionOf(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : undefined;
  if (typeof value !== 'string') return undefined;
  const digits = /^(?:.*:)?(-?\d+)$/.exec(value.trim())?.[1];
  const session = /^\d{4}-\d{2}-\d{2}T/.test(value) ? Date.parse(value) : Number(digits ?? NaN);
  return Number.isSafeInteger(session) ? session : undefined;
}

/** Group type to one value or several. */
function groupsOf(value: unknown): AmplitudeEvent['groups'] {
  const isValue = (one: unknown): boolean => typeof one === 'string' || typeof one === 'number';
  const groups = Object.entries(fieldsOf(value)).flatMap(([type, group]) => {
    if (Array.isArray(group)) return [[type, group.filter(isValue).map(String)]];
    return isValue(group) ? [[type, String(group)]] : [];
  });
  return groups.length > 0 ? (Object.fromEntries(groups) as Fields) : undefined;
}
