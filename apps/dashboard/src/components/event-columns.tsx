import type { EventSummary } from '../api/types.js';
import { EventTitle, PlanErrorBadge, Who } from './event-title.js';
import { JobPills } from './job-pills.js';
import type { Column } from './table.js';
import { Instant } from './values.js';

/** A list of events: when, what, who, from where, and what became of it. `received`: how the first of these is told. */
export const eventColumns = (received: 'relative' | 'clock'): readonly Column<EventSummary>[] => [
  {
    id: 'received',
    header: 'Received',
    cell: ({ received_at: at }) => <Instant at={at} as={received} />,
  },
  {
    id: 'event',
    header: 'Event',
    grow: true,
    cell: (event) => (
      <>
        <EventTitle event={event} /> <PlanErrorBadge event={event} />
      </>
    ),
  },
  { id: 'who', header: 'User', cell: (event) => <Who event={event} />, from: 'medium' },
  { id: 'source', header: 'Source', cell: ({ source }) => source, from: 'wide' },
  { id: 'jobs', header: 'Jobs', cell: ({ jobs }) => <JobPills jobs={jobs} /> },
];
