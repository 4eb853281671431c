import type { MappingSettings } from '../options.js';
import type { AmplitudeEvent } from '../vendor.js';
import { baseOf, furtherInsertId } from './base.js';
import { noIds } from './ids.js';
import { invalid, type Mapped } from './mapped.js';
import { groupPropertiesOf } from './properties.js';
import { textOf, type Fields } from './read.js';

/**
 * Two events of one request, so that no half of it can succeed alone: an `$identify` that puts the user into the
 * group, and a `$groupidentify` with the traits of the group, if there are any.
 */
export function mapGroup(message: Fields, settings: MappingSettings): Mapped {
  const value = textOf(message['groupId']);
  if (value === undefined) return invalid('The message has no groupId that is text or a number.');
  const base = baseOf(message, settings);
  if (!base) return invalid(noIds);
  const membership = { [settings.groupType]: value };
  const member: AmplitudeEvent = {
    ...base,
    event_type: '$identify',
    groups: { ...base.groups, ...membership },
    user_properties: { $set: membership },
  };
  const properties = groupPropertiesOf(message['traits']);
  if (!properties) return { events: [member] };
  const group: AmplitudeEvent = {
    ...base,
    event_type: '$groupidentify',
    insert_id: furtherInsertId(base, 1),
    groups: membership,
    group_properties: properties,
  };
  return { events: [member, group] };
}
