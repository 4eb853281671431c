import type { FailureGroup } from '../../api/types.js';
import type { Filters } from '../../filters/filters.js';

/** What tells a group from the others of a list. */
export const keyOf = ({ destination, action, status, code }: FailureGroup): string =>
  JSON.stringify([destination, action, status, code]);

/** The jobs of a group, within the filters under which the group was counted. */
export function filtersOfGroup(filters: Filters, group: FailureGroup): Filters {
  const { 'jobs.event_id': eventId, ...others } = filters;
  return {
    ...others,
    // `jobs.event_id` switches every other filter of jobs off: the group's own must hold.
    ...(eventId && { 'events.ids_in': eventId }),
    'jobs.destinations_in': [group.destination],
    'jobs.actions_in': [group.action],
    'jobs.status_in': [group.status],
    'jobs.error_code': [group.code],
  };
}
