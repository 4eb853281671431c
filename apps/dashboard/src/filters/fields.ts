/** What a filter takes: several names, one text, an instant, a number, yes or no. */
export type FilterKind = 'list' | 'statuses' | 'text' | 'time' | 'count' | 'flag';

export interface FilterField {
  readonly label: string;
  readonly kind: FilterKind;
  /** Known values to choose from, where there are such. */
  readonly from?: 'sources' | 'destinations' | 'types' | 'statuses';
}

export const MESSAGE_TYPES = ['identify', 'track', 'page', 'screen', 'group', 'alias', 'batch'] as const;
export const STATUSES = ['awaiting', 'executing', 'succeeded', 'failed', 'discarded', 'unknown'] as const;

/** Every filter of events and jobs, by its name in the API. */
const filterFields = {
  'events.ids_in': { label: 'Event id', kind: 'list' },
  'events.message_id': { label: 'Message id', kind: 'text' },
  'events.user_id': { label: 'User id', kind: 'text' },
  'events.anonymous_id': { label: 'Anonymous id', kind: 'text' },
  'events.name': { label: 'Event name', kind: 'text' },
  'events.types_in': { label: 'Type', kind: 'list', from: 'types' },
  'events.sources_in': { label: 'Source', kind: 'list', from: 'sources' },
  'events.sources_notin': { label: 'Source is not', kind: 'list', from: 'sources' },
  'events.triggers_in': { label: 'Trigger', kind: 'list' },
  'events.triggers_notin': { label: 'Trigger is not', kind: 'list' },
  'events.versions_in': { label: 'Source version', kind: 'list' },
  'events.versions_notin': { label: 'Source version is not', kind: 'list' },
  'events.received_after': { label: 'Received after', kind: 'time' },
  'events.received_before': { label: 'Received before', kind: 'time' },
  'events.parent_event_id': { label: 'Part of batch', kind: 'text' },
  'events.plan_failed': { label: 'Planning failed', kind: 'flag' },
  'jobs.ids_in': { label: 'Job id', kind: 'list' },
  'jobs.event_id': { label: 'Event of the job', kind: 'text' },
  'jobs.status_in': { label: 'Job status', kind: 'statuses', from: 'statuses' },
  'jobs.status_notin': { label: 'Job status is not', kind: 'statuses', from: 'statuses' },
  'jobs.destinations_in': { label: 'Destination', kind: 'list', from: 'destinations' },
  'jobs.destinations_notin': { label: 'Destination is not', kind: 'list', from: 'destinations' },
  'jobs.actions_in': { label: 'Action', kind: 'list' },
  'jobs.actions_notin': { label: 'Action is not', kind: 'list' },
  'jobs.versions_in': { label: 'Action version', kind: 'list' },
  'jobs.versions_notin': { label: 'Action version is not', kind: 'list' },
  'jobs.error_code': { label: 'Error code', kind: 'text' },
  'jobs.created_after': { label: 'Job created after', kind: 'time' },
  'jobs.created_before': { label: 'Job created before', kind: 'time' },
  'jobs.min_attempts': { label: 'Attempts at least', kind: 'count' },
  'jobs.max_attempts': { label: 'Attempts at most', kind: 'count' },
} as const satisfies Record<string, FilterField>;

export type FilterName = keyof typeof filterFields;

export const isFilterName = (name: string): name is FilterName => Object.hasOwn(filterFields, name);
export const fieldOf = (name: FilterName): FilterField => filterFields[name];
export const takesSeveral = (name: FilterName): boolean => ['list', 'statuses'].includes(fieldOf(name).kind);
