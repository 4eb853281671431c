import { useListed } from '../../api/queries.js';
import type { Service } from '../../api/types.js';
import { EmptyState, Loaded } from '../../components/notes.js';
import { Panel } from '../../components/page.js';
import { StatusBadge } from '../../components/status-badge.js';
import { Table, type Column } from '../../components/table.js';
import { useNow } from '../../components/use-now.js';
import { Duration, Instant, spanMs } from '../../components/values.js';

const REFRESH_MS = 10_000;

const columns: readonly Column<Service>[] = [
  {
    id: 'service',
    header: 'Service',
    cell: ({ service, gone }) => (
      <span className="service-name">
        <strong>{service}</strong> <State gone={gone} />
      </span>
    ),
  },
  {
    id: 'where',
    header: 'Where',
    cell: ({ address, host, pid }) => (
      <span className="service-where">
        {address !== null && <code>{address}</code>}
        <span className="muted">
          {host}, process {pid}
        </span>
      </span>
    ),
  },
  { id: 'version', header: 'Version', from: 'wide', cell: ({ version }) => version ?? <None /> },
  {
    id: 'running',
    header: 'Runs for',
    from: 'medium',
    cell: (service) => (service.gone ? <None /> : <Uptime since={service.started_at} />),
  },
  { id: 'seen', header: 'Last seen', cell: ({ seen_at: at }) => <Instant at={at} /> },
];

const None = () => <span className="muted">–</span>;

const State = ({ gone }: Pick<Service, 'gone'>) =>
  gone ? (
    <StatusBadge
      status="gone"
      tone="bad"
      title="It has not been heard of for 30 seconds: it died, hangs, or cannot reach the store."
    />
  ) : (
    <StatusBadge status="running" tone="good" />
  );

function Uptime({ since }: { readonly since: string }) {
  return <Duration ms={Math.max(0, spanMs(since, null, useNow()))} />;
}

/** The processes that take in and deliver, as they enter themselves into the store. */
export function ServicesPanel() {
  const query = useListed<Service>('services', { refreshMs: REFRESH_MS });
  return (
    <Panel title="Gateways and schedulers" flush>
      <Loaded query={query}>
        {({ data }) => (
          <Table
            caption="Gateways and schedulers that run"
            columns={columns}
            rows={data}
            rowKey={({ id }) => id}
            empty={
              <EmptyState title="Nobody has said that they run">
                Each gateway and scheduler enters itself here every ten seconds.
              </EmptyState>
            }
          />
        )}
      </Loaded>
    </Panel>
  );
}
