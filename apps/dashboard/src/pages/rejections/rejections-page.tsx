import { useState } from 'react';
import { Link, useLocation, useSearch } from 'wouter';
import { useListed } from '../../api/queries.js';
import type { ListMeta, Rejection } from '../../api/types.js';
import { Button } from '../../components/button.js';
import { Dialog } from '../../components/dialog.js';
import { CopyButton } from '../../components/copy-button.js';
import { Excerpt } from '../../components/json-panel.js';
import { EmptyState, Loaded, RedactedBadge, RedactedNote } from '../../components/notes.js';
import { KeyValues, Page, Panel } from '../../components/page.js';
import { Pager, useCursor } from '../../components/pager.js';
import { Table, type Column } from '../../components/table.js';
import { Code, Count, Id, Instant } from '../../components/values.js';
import { ExportLinks } from '../../filters/export-links.js';
import { reasonsOf, type Reason } from './reasons.js';
import './rejections.css';

const REFRESH_MS = 10_000;
const LIMIT = 500;

/** What came in and was not taken. */
export function RejectionsPage() {
  const cursor = useCursor();
  const query = useListed<Rejection>('store/rejections', {
    query: { limit: LIMIT, ...(cursor !== undefined && { cursor }) },
    refreshMs: cursor === undefined ? REFRESH_MS : false,
  });
  return (
    <Page
      title="Rejections"
      description="Items of batches and messages that were refused, with the reason that their sender was told. They are kept for a while and never delivered."
    >
      <Loaded query={query}>
        {({ data, meta }) =>
          data.length === 0 && cursor === undefined ? (
            <Panel>
              <Empty />
            </Panel>
          ) : (
            <Rejections rejections={data} meta={meta} />
          )
        }
      </Loaded>
    </Page>
  );
}

const Empty = () => (
  <EmptyState title="Nothing was refused">
    What arrives with a fault, for instance a <code>track</code> without an event name, is kept here with the
    reason, so that it can be mended where it is sent. <Link href="/sources">Sources</Link> show how to send a
    message.
  </EmptyState>
);

type Part = Pick<Reason, 'source' | 'trigger' | 'code'>;
const isPart = (part: Part, { source, trigger, code }: Part): boolean =>
  part.source === source && part.trigger === trigger && part.code === code;

interface RejectionsProps {
  readonly rejections: readonly Rejection[];
  readonly meta: ListMeta;
}

/** The reason that is looked at; it lives in the address. */
function usePart(): readonly [Part | undefined, (part: Part | undefined) => void] {
  const search = new URLSearchParams(useSearch());
  const [location, navigate] = useLocation();
  const [source, trigger, code] = ['source', 'trigger', 'code'].map((name) => search.get(name));
  const set = (part: Part | undefined): void => {
    for (const name of ['source', 'trigger', 'code'] as const) {
      if (part) search.set(name, part[name]);
      else search.delete(name);
    }
    const query = search.toString();
    navigate(query ? `${location}?${query}` : location);
  };
  return [source && trigger && code ? { source, trigger, code } : undefined, set];
}

function Rejections({ rejections, meta }: RejectionsProps) {
  const [part, setPart] = usePart();
  const [open, setOpen] = useState<Rejection>();
  const shown = part ? rejections.filter((each) => isPart(part, each)) : rejections;
  return (
    <>
      <Reasons reasons={reasonsOf(rejections)} part={part} onChange={setPart} />
      <Panel flush>
        <Table
          caption="Rejections"
          columns={columns(setOpen)}
          rows={shown}
          rowKey={({ id }) => id}
          empty={
            <EmptyState title="None of this page has that reason">
              Take the reason away, or look at another page.
            </EmptyState>
          }
        />
        <Pager meta={meta} of="rejection">
          <ExportLinks list="rejections" />
        </Pager>
      </Panel>
      {open && <RejectionDialog rejection={open} onClose={() => setOpen(undefined)} />}
    </>
  );
}

const columns = (onOpen: (rejection: Rejection) => void): readonly Column<Rejection>[] => [
  {
    id: 'reason',
    header: 'Reason',
    cell: (rejection) => (
      <button type="button" className="link-button rejection-reason" onClick={() => onOpen(rejection)}>
        <Code>{rejection.code}</Code>
        <span>{rejection.validations[0]?.message ?? rejection.message}</span>
      </button>
    ),
  },
  {
    id: 'type',
    header: 'Type',
    from: 'medium',
    cell: ({ type }) => type ?? <span className="muted">–</span>,
  },
  { id: 'source', header: 'Source', from: 'medium', cell: ({ source, trigger }) => `${source} · ${trigger}` },
  {
    id: 'message',
    header: 'Message id',
    from: 'wide',
    cell: ({ message_id: id }) => (id === null ? <span className="muted">–</span> : <Id>{id}</Id>),
  },
  { id: 'received', header: 'Received', cell: ({ received_at: at }) => <Instant at={at} /> },
];

interface ReasonsProps {
  readonly reasons: readonly Reason[];
  readonly part: Part | undefined;
  readonly onChange: (part: Part | undefined) => void;
}

/** How often each reason is on this page; pressing one shows its rejections only. */
function Reasons({ reasons, part, onChange }: ReasonsProps) {
  return (
    <ul className="reason-cards" aria-label="Reasons on this page">
      {reasons.map((reason) => {
        const pressed = part !== undefined && isPart(part, reason);
        return (
          <li key={JSON.stringify([reason.source, reason.trigger, reason.code])}>
            <button
              type="button"
              className="reason-card"
              aria-pressed={pressed}
              onClick={() => onChange(pressed ? undefined : reason)}
            >
              <strong>
                <Count value={reason.count} />
              </strong>
              <Code>{reason.code}</Code>
              <span className="muted">
                {reason.source} · {reason.trigger}
              </span>
            </button>
          </li>
        );
      })}
      {part && (
        <li>
          <Button size="small" look="quiet" onClick={() => onChange(undefined)}>
            Show all
          </Button>
        </li>
      )}
    </ul>
  );
}

function RejectionDialog({
  rejection,
  onClose,
}: {
  readonly rejection: Rejection;
  readonly onClose: () => void;
}) {
  const { validations, data } = rejection;
  const text = typeof data === 'string' ? data : undefined;
  return (
    <Dialog title="Refused" onClose={onClose} wide>
      <Panel>
        <div className="stack">
          <p>
            <code>{rejection.code}</code> {rejection.message}
          </p>
          {validations.length > 0 && (
            <ul>
              {validations.map(({ message, path }) => (
                <li key={`${path.join('.')} ${message}`}>
                  {path.length > 0 && <code>{path.join('.')}</code>} {message}
                </li>
              ))}
            </ul>
          )}
          <KeyValues
            entries={[
              ['Source', rejection.source],
              ['Trigger', rejection.trigger],
              ['Type', rejection.type],
              ['Message id', rejection.message_id],
              ['Place in its batch', rejection.index],
              ['Received', <Instant key="at" at={rejection.received_at} as="absolute" />],
              ['Id', rejection.id],
            ]}
          />
        </div>
      </Panel>
      {rejection.redacted && <RedactedNote />}
      {text !== undefined && (
        <Panel
          title="What came"
          actions={
            <>
              {rejection.redacted && <RedactedBadge />}
              <CopyButton text={text} />
            </>
          }
        >
          <Excerpt text={text} />
        </Panel>
      )}
      <div className="dialog-actions">
        <Button onClick={onClose}>Close</Button>
      </div>
    </Dialog>
  );
}
