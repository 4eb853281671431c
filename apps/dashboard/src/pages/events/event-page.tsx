import { useState } from 'react';
import { Link } from 'wouter';
import { path, post } from '../../api/client.js';
import { useEvent, useListed, useRead, useWrite } from '../../api/queries.js';
import type { EventDetail, EventSummary, SourceDetail } from '../../api/types.js';
import { Button } from '../../components/button.js';
import { CopyButton } from '../../components/copy-button.js';
import { ConfirmDialog } from '../../components/dialog.js';
import { EventTitle } from '../../components/event-title.js';
import { JsonPanel } from '../../components/json-panel.js';
import { JobPills } from '../../components/job-pills.js';
import { useKeys } from '../../components/keys.js';
import { Loaded, Note, RedactedNote } from '../../components/notes.js';
import { KeyValues, Page, Panel } from '../../components/page.js';
import { Table, type Column } from '../../components/table.js';
import { useToast } from '../../components/toasts.js';
import { isOpen } from '../../components/timeline.js';
import { Duration, Id, Instant } from '../../components/values.js';
import { filteredHref } from '../../filters/filters.js';
import { formatNumberOf } from '../../format/number.js';
import type { PageProps } from '../index.js';
import { EventTimeline } from './event-timeline.js';
import { curlOfEvent } from './resend.js';
import './event.css';

/** How often an event is read again while a job of it is not finished. */
const REFRESH_MS = 2_000;

export function EventPage({ params: { id = '' } }: PageProps) {
  const first = useEvent(id);
  const open = first.data?.jobs.some(({ status }) => isOpen(status)) ?? false;
  const event = useEvent(id, open && REFRESH_MS);
  if (!event.data) {
    return (
      <Page title="Event" description={<Id>{id}</Id>}>
        <Loaded query={event}>{() => null}</Loaded>
      </Page>
    );
  }
  return <EventView event={event.data} />;
}

function EventView({ event }: { readonly event: EventDetail }) {
  const [replaying, setReplaying] = useState(false);
  const name = event.name ?? event.type ?? event.trigger;
  useKeys({ p: { label: 'Replay the event', run: () => setReplaying(true) } });
  return (
    <Page
      title={name}
      windowTitle={`${name} of ${event.user_id ?? event.anonymous_id ?? 'nobody'}`}
      description={
        <span className="row">
          <Id>{event.id}</Id>
          <CopyButton text={event.id} label="Copy id" />
        </span>
      }
      actions={
        <>
          <CopyCurl event={event} />
          <Button needs="operate" onClick={() => setReplaying(true)}>
            Replay
          </Button>
        </>
      }
    >
      {event.plan_error !== null && (
        <Note tone="bad">
          <strong>A flow threw, so that this event has no jobs.</strong>
          <code>{event.plan_error}</code>
          <span>Mend the flow and start the services again, then replay the event.</span>
        </Note>
      )}
      <Facts event={event} />
      {event.jobs.length > 0 ? (
        <EventTimeline event={event} />
      ) : (
        <Panel title="Jobs">
          <p className="muted">
            {event.type === 'batch'
              ? 'A batch has no jobs of its own; its events have.'
              : 'No destination has an action for this message, or its integrations switch them off.'}
          </p>
        </Panel>
      )}
      <SubEvents id={event.id} />
      {event.redacted && <RedactedNote />}
      <div className="event-data">
        <JsonPanel title="Message" value={event.data} redacted={event.redacted} />
        {event.context !== null && (
          <JsonPanel title="Said once by its batch" value={event.context} redacted={event.redacted} />
        )}
      </div>
      {replaying && <ReplayDialog event={event} onClose={() => setReplaying(false)} />}
    </Page>
  );
}

function Facts({ event }: { readonly event: EventDetail }) {
  const userHref = (id: string): string => `/users?id=${encodeURIComponent(id)}`;
  return (
    <Panel>
      <KeyValues
        entries={[
          ['Event', <EventTitle key="event" event={event} />],
          ['Received', <Receipt key="received" event={event} />],
          ['User id', event.user_id && <Link href={userHref(event.user_id)}>{event.user_id}</Link>],
          ['Happened', <Instant key="happened" at={event.timestamp} as="absolute" />],
          [
            'Anonymous id',
            event.anonymous_id && <Link href={userHref(event.anonymous_id)}>{event.anonymous_id}</Link>,
          ],
          [
            'Client’s clock',
            event.original_timestamp && <Instant at={event.original_timestamp} as="absolute" />,
          ],
          ['Message id', event.message_id && <Id>{event.message_id}</Id>],
          ['Sent', event.sent_at && <Instant at={event.sent_at} as="absolute" />],
          ['Source', `${event.source} · ${event.trigger}${event.version && ` · ${event.version}`}`],
          [
            'Part of batch',
            event.parent_event_id && (
              <Link href={`/events/${event.parent_event_id}`}>
                <Id>{event.parent_event_id}</Id>
              </Link>
            ),
          ],
        ]}
      />
    </Panel>
  );
}

function Receipt({ event: { received_at: received, ingested_at: stored } }: { readonly event: EventDetail }) {
  return (
    <>
      <Instant at={received} as="absolute" />
      {stored !== null && (
        <span className="muted">
          {/* By another clock, which may be behind. */}, stored{' '}
          <Duration ms={Math.max(0, Date.parse(stored) - Date.parse(received))} /> later
        </span>
      )}
    </>
  );
}

const subEventColumns: readonly Column<EventSummary>[] = [
  { id: 'event', header: 'Event', cell: (event) => <EventTitle event={event} /> },
  { id: 'user', header: 'User', cell: ({ user_id, anonymous_id }) => user_id ?? anonymous_id ?? '–' },
  { id: 'jobs', header: 'Jobs', cell: ({ jobs }) => <JobPills jobs={jobs} /> },
];

/** The items of a batch. Only the first page of them; the list has all. */
function SubEvents({ id }: { readonly id: string }) {
  const { data } = useListed<EventSummary>('store/events', {
    query: { 'events.parent_event_id': id, limit: 20 },
  });
  if (!data || data.data.length === 0) return null;
  const all = filteredHref('/events', { 'events.parent_event_id': [id] });
  return (
    <Panel
      flush
      title={formatNumberOf(data.meta.count, 'sub-event', data.meta.count_is_capped)}
      actions={<Link href={all}>All of this batch</Link>}
    >
      <Table
        caption="Sub-events"
        columns={subEventColumns}
        rows={data.data}
        rowKey={(event) => event.id}
        href={(event) => `/events/${event.id}`}
      />
    </Panel>
  );
}

function CopyCurl({ event }: { readonly event: EventDetail }) {
  const { data: source } = useRead<SourceDetail>(path`sources/${event.source}`);
  const curl = source && curlOfEvent(event, source.triggers);
  if (curl === undefined) return null;
  const label = event.redacted ? 'Copy as curl, redacted' : 'Copy as curl';
  return <CopyButton text={curl} label={label} look="plain" />;
}

interface ReplayDialogProps {
  readonly event: EventDetail;
  readonly onClose: () => void;
}

function ReplayDialog({ event, onClose }: ReplayDialogProps) {
  const toast = useToast();
  const replay = useWrite(() =>
    post<{ readonly events: number; readonly jobs: number }>(path`store/events/${event.id}/replay`),
  );
  const confirm = async (): Promise<void> => {
    const { jobs } = await replay.mutateAsync(undefined);
    toast(`${formatNumberOf(jobs, 'job')} added`);
  };
  return (
    <ConfirmDialog title="Replay this event?" confirmLabel="Replay" onConfirm={confirm} onClose={onClose}>
      <p>
        The flows of today plan it again, and its new jobs are delivered beside the old ones. A destination
        that has it already gets it twice, unless it knows the message id.
      </p>
    </ConfirmDialog>
  );
}
