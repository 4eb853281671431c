import type { MappingSettings } from '../options.js';
import { reservedEventTypes, type AmplitudeEvent } from '../vendor.js';
import { baseOf } from './base.js';
import { noIds } from './ids.js';
import { invalid, type Mapped } from './mapped.js';
import { eventUserPropertiesOf } from './properties.js';
import { fieldsOf, present, textOf, type Fields } from './read.js';
import { hasRevenue, productEventsOf, revenueOf } from './revenue.js';

/** The event, and for a completed order one `Product Purchased` per product. */
export function mapTrack(message: Fields, settings: MappingSettings): Mapped {
  const name = textOf(message['event']);
  if (name === undefined) return invalid('The message has no event name.');
  if (reservedEventTypes.has(name.trim()))
    return invalid(`The event type "${name}" is reserved by Amplitude.`);
  const base = baseOf(message, settings);
  if (!base) return invalid(noIds);
  const properties = fieldsOf(message['properties']);
  const products = productEventsOf(name, properties, base, settings);
  const event = present<AmplitudeEvent>({
    ...base,
    event_type: name,
    event_properties: properties,
    user_properties: eventUserPropertiesOf(message, settings),
    // Both would count the same money twice.
    ...(products.some(hasRevenue) ? {} : revenueOf(name, properties)),
  });
  return { events: [event, ...products] };
}
