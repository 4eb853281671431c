import type { MappingSettings } from '../options.js';
import type { AmplitudeEvent } from '../vendor.js';
import { baseOf } from './base.js';
import { noIds } from './ids.js';
import { invalid, type Mapped } from './mapped.js';
import { eventUserPropertiesOf } from './properties.js';
import { fieldsOf, present, textOf, type Fields } from './read.js';

/** `Viewed <name> Page`, or `Loaded a Page` when it has no name. Never the URL: event types are limited. */
export function mapPage(message: Fields, settings: MappingSettings): Mapped {
  return mapView(message, settings, settings.pageEvent ?? typeOf(message, 'Page'));
}

export function mapScreen(message: Fields, settings: MappingSettings): Mapped {
  return mapView(message, settings, settings.screenEvent ?? typeOf(message, 'Screen'));
}

function typeOf(message: Fields, kind: 'Page' | 'Screen'): string {
  const name = textOf(message['name']);
  return name === undefined ? `Loaded a ${kind}` : `Viewed ${name} ${kind}`;
}

function mapView(message: Fields, settings: MappingSettings, eventType: string): Mapped {
  const base = baseOf(message, settings);
  if (!base) return invalid(noIds);
  const named = present<Fields>({ name: textOf(message['name']), category: textOf(message['category']) });
  const event = present<AmplitudeEvent>({
    ...base,
    event_type: eventType,
    event_properties: { ...fieldsOf(message['properties']), ...named },
    user_properties: eventUserPropertiesOf(message, settings),
  });
  return { events: [event] };
}
