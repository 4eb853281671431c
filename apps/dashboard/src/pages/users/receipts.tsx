import { useEffect, useState } from 'react';
import { useListed } from '../../api/queries.js';
import type { Receipt } from '../../api/types.js';
import { CopyButton } from '../../components/copy-button.js';
import { EmptyState, Loaded } from '../../components/notes.js';
import { KeyValues, Panel } from '../../components/page.js';
import { Pager, useCursor } from '../../components/pager.js';
import { Table, type Column } from '../../components/table.js';
import { Count, Id, Instant } from '../../components/values.js';
import { subjectOf } from './subject.js';

const LIMIT = 50;
const SEARCHED = 500;

const columns: readonly Column<Receipt>[] = [
  { id: 'at', header: 'Erased', cell: ({ at }) => <Instant at={at} /> },
  { id: 'actor', header: 'By', cell: ({ actor }) => actor },
  { id: 'events', header: 'Events', align: 'right', cell: ({ events }) => <Count value={events} /> },
  { id: 'jobs', header: 'Jobs', align: 'right', from: 'medium', cell: ({ jobs }) => <Count value={jobs} /> },
  {
    id: 'attempts',
    header: 'Attempts',
    align: 'right',
    from: 'wide',
    cell: ({ attempts }) => <Count value={attempts} />,
  },
  {
    id: 'rejections',
    header: 'Rejections',
    align: 'right',
    from: 'wide',
    cell: ({ rejections }) => <Count value={rejections} />,
  },
  {
    id: 'subject',
    header: 'Subject',
    from: 'medium',
    grow: true,
    cell: ({ subject }) => <code title={subject}>{subject}</code>,
  },
  {
    id: 'copy',
    header: <span className="visually-hidden">Copy</span>,
    align: 'right',
    cell: (receipt) => <CopyReceipt receipt={receipt} />,
  },
];

const CopyReceipt = ({ receipt }: { readonly receipt: Receipt }) => (
  <CopyButton text={textOf(receipt)} label="Copy" />
);

const textOf = (receipt: Receipt): string => JSON.stringify(receipt, null, 2);

/** What was erased before. */
export function Receipts() {
  const cursor = useCursor();
  const query = useListed<Receipt>('erasures', {
    query: { limit: LIMIT, ...(cursor !== undefined && { cursor }) },
  });
  return (
    <Panel title="Receipts of erasures" flush>
      <Loaded query={query}>
        {({ data, meta }) => (
          <>
            <Table
              caption="Receipts of erasures"
              columns={columns}
              rows={data}
              rowKey={({ id }) => id}
              empty={
                <EmptyState title="Nobody was erased yet">
                  An erasure leaves a receipt here: when, by whom, how much, and the SHA-256 of the id instead
                  of the id.
                </EmptyState>
              }
            />
            {data.length > 0 && <Pager meta={meta} of="receipt" />}
          </>
        )}
      </Loaded>
    </Panel>
  );
}

/** The receipt of an id, where there is one among the newest. */
export function useReceiptOf(id: string): Receipt | undefined {
  const [subject, setSubject] = useState<string>();
  useEffect(() => {
    let left = false;
    void subjectOf(id).then((hash) => left || setSubject(hash));
    return () => {
      left = true;
    };
  }, [id]);
  const { data } = useListed<Receipt>('erasures', { query: { limit: SEARCHED } });
  return subject === undefined ? undefined : data?.data.find((receipt) => receipt.subject === subject);
}

export function ReceiptNumbers({ receipt }: { readonly receipt: Receipt }) {
  const { id, at, actor, subject, events, jobs, attempts, keys, rejections } = receipt;
  return (
    <>
      <KeyValues
        entries={[
          ['Receipt', <Id key="id">{id}</Id>],
          ['Erased', <Instant key="at" at={at} as="absolute" />],
          ['By', actor],
          ['Subject', <Id key="subject">{subject}</Id>],
          ['Events', <Count key="events" value={events} />],
          ['Jobs', <Count key="jobs" value={jobs} />],
          ['Attempts', <Count key="attempts" value={attempts} />],
          ['Message keys', <Count key="keys" value={keys} />],
          ['Rejections', <Count key="rejections" value={rejections} />],
        ]}
      />
      <div>
        <CopyButton text={textOf(receipt)} label="Copy receipt" look="plain" />
      </div>
    </>
  );
}
