import type { MappingSettings } from '../options.js';
import type { AmplitudeEvent } from '../vendor.js';
import { baseOf, furtherInsertId } from './base.js';
import { noIds } from './ids.js';
import { invalid, type Mapped } from './mapped.js';
import { groupPropertiesOf } from './properties.js';
import { fieldsOf, textOf, type Fields } from './read.js';

/**
 * Two events of one request, so that no half of it can succeed alone: an `$identify` that puts the user into the
 * group, and a `$groupidentify` with the traits of the group, if there are any.
 */
export function mapGroup(message: Fields, settings: MappingSettings): Mapped {
  const membership = membershipOf(message, settings);
  if (!membership) return invalid('The message has no groupId that is text or a number.');
  const base = baseOf(message, settings);
  if (!base) return invalid(noIds);
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

/**
 * Group type to value: by the traits that the options name, when the message has them all, else `groupType` and the
 * groupId. Never one of each, which would put a value under a type that it isn't of.
 */
function membershipOf(
  message: Fields,
  { groupType, groupTypeTrait, groupValueTrait }: MappingSettings,
): Record<string, string> | undefined {
  const traits = fieldsOf(message['traits']);
  const groupId = textOf(message['groupId']);
  const type = groupTypeTrait === undefined ? groupType : textOf(traits[groupTypeTrait]);
  const value = groupValueTrait === undefined ? groupId : textOf(traits[groupValueTrait]);
  if (type !== undefined && value !== undefined) return { [type]: value };
  return groupId === undefined ? undefined : { [groupType]: groupId };
}
