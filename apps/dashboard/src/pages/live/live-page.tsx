import { Button } from '../../components/button.js';
import { eventColumns } from '../../components/event-columns.js';
import { useKeys } from '../../components/keys.js';
import { EmptyState } from '../../components/notes.js';
import { Page, Panel } from '../../components/page.js';
import { StatusBadge, type Tone } from '../../components/status-badge.js';
import { Table } from '../../components/table.js';
import { eventFields, eventSearch } from '../../filters/event-filters.js';
import { FilterBar } from '../../filters/filter-bar.js';
import { writeFilters } from '../../filters/filters.js';
import { useFilters } from '../../filters/use-filters.js';
import { FIRST_CURL } from '../../format/first-curl.js';
import { formatCount, formatNumberOf } from '../../format/number.js';
import { LIVE_ROWS } from './live-buffer.js';
import { useLive, type LiveState } from './use-live.js';

const columns = eventColumns('clock');

const STATES: Readonly<Record<LiveState, readonly [string, Tone]>> = {
  connecting: ['connecting', 'mute'],
  live: ['live', 'good'],
  lost: ['connecting again', 'warn'],
};

export function LivePage() {
  const { filters } = useFilters();
  const { buffer, state, pause, resume, clear } = useLive(writeFilters(filters).toString());
  const { rows, held, dropped } = buffer;
  const toggle = held ? resume : pause;
  useKeys({ ' ': { label: 'Pause or go on', run: toggle } });
  const [word, tone] = STATES[state];
  return (
    <Page
      title="Live"
      description="Events as they come in, and any event to which something happens: a try, a retry, a replay."
      actions={
        <>
          <StatusBadge status={held ? 'paused' : word} tone={held ? 'mute' : tone} />
          <Button look={held ? 'primary' : 'plain'} onClick={toggle} title="Space">
            {held ? `Go on${held.length > 0 ? ` (${formatCount(held.length)} new)` : ''}` : 'Pause'}
          </Button>
          <Button onClick={clear} disabled={rows.length === 0}>
            Clear
          </Button>
        </>
      }
    >
      <FilterBar search={eventSearch} fields={eventFields} />
      <Panel flush>
        <Table
          caption="Live events"
          columns={columns}
          rows={rows}
          rowKey={({ id }) => id}
          href={({ id }) => `/events/${id}`}
          empty={
            <EmptyState title="Waiting for events" command={FIRST_CURL}>
              What is stored from now on appears here. To see something at once, send a message:
            </EmptyState>
          }
        />
        {rows.length > 0 && (
          <p className="live-foot muted">
            {formatNumberOf(rows.length, 'event')}
            {dropped > 0 &&
              ` · ${formatNumberOf(dropped, 'older event')} no longer shown (room for ${LIVE_ROWS}); Events has all`}
          </p>
        )}
      </Panel>
    </Page>
  );
}
