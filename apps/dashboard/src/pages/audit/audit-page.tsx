import { Link } from 'wouter';
import { useListed } from '../../api/queries.js';
import { useForbidden } from '../../api/session.js';
import type { AuditEntry } from '../../api/types.js';
import { EmptyState, Loaded } from '../../components/notes.js';
import { Page, Panel } from '../../components/page.js';
import { Pager, useCursor } from '../../components/pager.js';
import { StatusBadge } from '../../components/status-badge.js';
import { Table, type Column } from '../../components/table.js';
import { Code, Count, Instant } from '../../components/values.js';
import { deedOf } from './deeds.js';
import { targetHref } from './target-link.js';

const LIMIT = 100;
const REFRESH_MS = 10_000;

const columns: readonly Column<AuditEntry>[] = [
  { id: 'at', header: 'When', cell: ({ at }) => <Instant at={at} /> },
  { id: 'actor', header: 'Who', cell: ({ actor }) => actor },
  { id: 'action', header: 'What', cell: (entry) => <Act entry={entry} /> },
  {
    id: 'count',
    header: 'How many',
    align: 'right',
    from: 'medium',
    cell: ({ count }) => (count === null ? <span className="muted">–</span> : <Count value={count} />),
  },
  {
    id: 'outcome',
    header: 'Outcome',
    cell: ({ outcome }) => (outcome === 'ok' ? <StatusBadge status="ok" /> : <Code>{outcome}</Code>),
  },
];

/** What was asked for, and of what. */
function Act({ entry }: { readonly entry: AuditEntry }) {
  const { action, target } = entry;
  const href = targetHref(entry);
  const name = <code className="id">{target}</code>;
  return (
    <span className="row">
      <span title={action}>{deedOf(action)}</span>
      {target !== null && (href === undefined ? name : <Link href={href}>{name}</Link>)}
    </span>
  );
}

/** Who did what. */
export function AuditPage() {
  const forbidden = useForbidden('admin');
  return (
    <Page
      title="Audit"
      description="Every change that was asked for here, through the admin API or at a terminal, newest first. Entries are only ever added."
    >
      {forbidden === undefined ? (
        <Entries />
      ) : (
        <Panel>
          <EmptyState title="The audit is for administrators">{forbidden}</EmptyState>
        </Panel>
      )}
    </Page>
  );
}

function Entries() {
  const cursor = useCursor();
  const query = useListed<AuditEntry>('audit', {
    query: { limit: LIMIT, ...(cursor !== undefined && { cursor }) },
    refreshMs: cursor === undefined ? REFRESH_MS : false,
  });
  return (
    <Panel flush>
      <Loaded query={query}>
        {({ data, meta }) => (
          <>
            <Table
              caption="Audit"
              columns={columns}
              rows={data}
              rowKey={({ id }) => id}
              empty={
                <EmptyState title="Nobody has changed anything yet">
                  A retry, a pause, an erasure: whoever does such a thing leaves an entry here, also when it
                  fails.
                </EmptyState>
              }
            />
            {data.length > 0 && <Pager meta={meta} of="change" />}
          </>
        )}
      </Loaded>
    </Panel>
  );
}
