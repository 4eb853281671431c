import type { MappingSettings } from '../options.js';
import { baseOf } from './base.js';
import { noIds } from './ids.js';
import { invalid, type Mapped } from './mapped.js';
import { identifyPropertiesOf } from './properties.js';
import { present, type Fields } from './read.js';

/** One `$identify`. Without traits it is sent all the same: it ties user and device together. */
export function mapIdentify(message: Fields, settings: MappingSettings): Mapped {
  const base = baseOf(message, settings);
  if (!base) return invalid(noIds);
  const event = {
    ...base,
    event_type: '$identify',
    user_properties: identifyPropertiesOf(message, settings),
  };
  return { events: [present(event)] };
}
