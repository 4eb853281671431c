import { useListed } from '../../api/queries.js';
import type { EventSummary } from '../../api/types.js';
import { Button } from '../../components/button.js';
import { eventColumns } from '../../components/event-columns.js';
import { EmptyState, Loaded } from '../../components/notes.js';
import { Page, Panel } from '../../components/page.js';
import { Pager, useCursor } from '../../components/pager.js';
import { Table } from '../../components/table.js';
import { eventFields, eventSearch } from '../../filters/event-filters.js';
import { ExportLinks } from '../../filters/export-links.js';
import { FilterBar } from '../../filters/filter-bar.js';
import { filterEntries, writeFilters } from '../../filters/filters.js';
import { useFilters } from '../../filters/use-filters.js';
import { OrderButtons } from '../../orders/order-buttons.js';
import { FIRST_CURL } from '../../format/first-curl.js';

const PAGE_SIZE = '50';
const REFRESH_MS = 5_000;

const columns = eventColumns('relative');

export function EventsPage() {
  const { filters, clear } = useFilters();
  const cursor = useCursor();
  const query = writeFilters(filters);
  query.set('limit', PAGE_SIZE);
  if (cursor !== undefined) query.set('cursor', cursor);
  const events = useListed<EventSummary>('store/events', {
    query,
    // What lies behind a cursor does not move; the newest do.
    refreshMs: cursor === undefined && REFRESH_MS,
  });
  const filtered = filterEntries(filters).length > 0;
  return (
    <Page title="Events" description="Everything that was stored, newest first, with what became of it.">
      <FilterBar search={eventSearch} fields={eventFields}>
        {filtered && <OrderButtons kinds={['replay', 'purge']} filters={filters} about="all that match" />}
      </FilterBar>
      <Panel flush>
        <Loaded query={events}>
          {({ data, meta }) => (
            <>
              <Table
                caption="Events"
                columns={columns}
                rows={data}
                rowKey={({ id }) => id}
                href={({ id }) => `/events/${id}`}
                empty={<NoEvents filtered={filtered} onClear={clear} />}
              />
              {data.length > 0 && (
                <Pager meta={meta} of="event">
                  <ExportLinks list="events" filters={filters} />
                </Pager>
              )}
            </>
          )}
        </Loaded>
      </Panel>
    </Page>
  );
}

interface NoEventsProps {
  readonly filtered: boolean;
  readonly onClear: () => void;
}

function NoEvents({ filtered, onClear }: NoEventsProps) {
  if (filtered)
    return (
      <EmptyState title="No event matches" actions={<Button onClick={onClear}>Clear all filters</Button>}>
        Ids and names are compared whole, with regard to case.
      </EmptyState>
    );
  return (
    <EmptyState title="No events yet" command={FIRST_CURL}>
      Send a first message to the gateway. What it refuses is listed under Rejections.
    </EmptyState>
  );
}
