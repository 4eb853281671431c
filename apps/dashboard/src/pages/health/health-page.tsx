import { useListed, useRead } from '../../api/queries.js';
import type { ApplicationOptions, Health, HealthCheck, Migration, Setting } from '../../api/types.js';
import { EmptyState, Loaded } from '../../components/notes.js';
import { KeyValues, Page, Panel } from '../../components/page.js';
import { StatusBadge } from '../../components/status-badge.js';
import { Table, type Column } from '../../components/table.js';
import { Instant } from '../../components/values.js';
import { RetentionPanel } from './retention-panel.js';
import './health.css';

const REFRESH_MS = 5_000;

const MEANINGS: Readonly<Record<Health['status'], string>> = {
  ok: 'Everything works.',
  degraded: 'It works, but somebody should look at the warnings.',
  unavailable: 'Something it cannot do without is away.',
};

/** How the application is, and what it is set to. */
export function HealthPage() {
  return (
    <Page title="Health and settings">
      <Checks />
      <Application />
      <Settings />
      <Schema />
      <Retention />
    </Page>
  );
}

const checkColumns: readonly Column<HealthCheck>[] = [
  { id: 'name', header: 'Check', cell: ({ name }) => <strong>{name}</strong> },
  {
    id: 'status',
    header: 'Status',
    cell: ({ status }) => <StatusBadge status={status} tone={TONES[status]} />,
  },
  {
    id: 'message',
    header: 'Message',
    cell: ({ message }) => (
      <span className="check-message">{message ?? <span className="muted">–</span>}</span>
    ),
  },
];

const TONES = { ok: 'good', warning: 'warn', failed: 'bad' } as const satisfies Record<
  HealthCheck['status'],
  string
>;
const RANK = { failed: 0, warning: 1, ok: 2 } as const satisfies Record<HealthCheck['status'], number>;

function Checks() {
  const query = useRead<Health>('health', { refreshMs: REFRESH_MS });
  return (
    <Panel title="Checks" flush>
      <Loaded query={query}>
        {({ status, checks }) => (
          <>
            <p className="health-summary">
              <StatusBadge status={status} /> {MEANINGS[status]}
            </p>
            <Table
              caption="Checks"
              columns={checkColumns}
              rows={checks.toSorted((a, b) => RANK[a.status] - RANK[b.status])}
              rowKey={({ name }) => name}
            />
          </>
        )}
      </Loaded>
    </Panel>
  );
}

function Application() {
  const query = useRead<ApplicationOptions>('options');
  return (
    <Panel title="Application">
      <Loaded query={query}>
        {({ name, fragment, node, store, queue, sources, destinations }) => (
          <KeyValues
            entries={[
              ['Name', name],
              ['Fragment', fragment.version],
              ['Node', `${node.version} on ${node.environment}`],
              ['Store', store.from],
              ['Queue', queue.from],
              ['Sources', sources.join(', ')],
              ['Destinations', destinations.join(', ')],
            ]}
          />
        )}
      </Loaded>
    </Panel>
  );
}

function Retention() {
  const { data } = useRead<ApplicationOptions>('options');
  return data ? <RetentionPanel retention={data.retention} /> : null;
}

const settingColumns: readonly Column<Setting>[] = [
  { id: 'name', header: 'Setting', cell: ({ name }) => <code className="setting-name">{name}</code> },
  {
    id: 'value',
    header: 'Value',
    cell: ({ value, secret, source }) => (
      <span className="setting-value">
        <code>{value === '' ? '–' : value}</code>
        <StatusBadge status={source} tone={source === 'default' ? 'mute' : 'info'} />
        {secret && <StatusBadge status="secret" tone="mute" title="Never shown in full" />}
      </span>
    ),
  },
];

function Settings() {
  const query = useListed<Setting>('settings');
  return (
    <Panel title="Settings" flush>
      <Loaded query={query}>
        {({ data }) => (
          <Table
            caption="Settings"
            columns={settingColumns}
            rows={data}
            rowKey={({ name }) => name}
            empty={
              <EmptyState title="No settings to show">
                The application was put together in code, and handed none over to be shown.
              </EmptyState>
            }
          />
        )}
      </Loaded>
    </Panel>
  );
}

const migrationColumns: readonly Column<Migration>[] = [
  { id: 'version', header: 'Version', cell: ({ version }) => <code>{version}</code> },
  { id: 'name', header: 'Step', cell: ({ name }) => name },
  { id: 'scope', header: 'Of', from: 'medium', cell: ({ scope }) => scope },
  {
    id: 'applied',
    header: 'Applied',
    cell: ({ created_at: at }) =>
      at === null ? <StatusBadge status="not yet" tone="warn" /> : <Instant at={at} />,
  },
];

/** The step that the store has come to. */
function versionOf(steps: readonly Migration[]): string {
  const latest = steps.filter(({ created_at: at }) => at !== null).at(-1);
  return latest ? ` · version ${latest.version}` : '';
}

function Schema() {
  const query = useListed<Migration>('wanderer/migrations');
  return (
    <Panel title={`Schema of the store${versionOf(query.data?.data ?? [])}`} flush>
      <Loaded query={query}>
        {({ data }) => (
          <Table
            caption="Steps of the schema of the store"
            columns={migrationColumns}
            rows={data}
            rowKey={({ id }) => id}
            empty={
              <EmptyState title="The store has no schema yet" command="npx fragment migrations run">
                It is made when the application starts.
              </EmptyState>
            }
          />
        )}
      </Loaded>
    </Panel>
  );
}
