import { useState } from 'react';
import { Link } from 'wouter';
import { ApiError, path, post } from '../../api/client.js';
import { useRead, useWrite } from '../../api/queries.js';
import type { Receipt, User } from '../../api/types.js';
import { Button } from '../../components/button.js';
import { ConfirmDialog } from '../../components/dialog.js';
import { EmptyState, Loaded, Note } from '../../components/notes.js';
import { KeyValues, Panel } from '../../components/page.js';
import { Count, Id, Instant } from '../../components/values.js';
import { filteredHref } from '../../filters/filters.js';
import { ReceiptNumbers, useReceiptOf } from './receipts.js';

const SHOWN_IDS = 20;

/** What is known of one user. */
export function UserPanel({ id }: { readonly id: string }) {
  const query = useRead<User>(path`users/${id}`);
  const [receipt, setReceipt] = useState<Receipt>();
  if (receipt) return <Erased receipt={receipt} />;
  if (query.error instanceof ApiError && query.error.statusCode === 404) return <Unknown id={id} />;
  return <Loaded query={query}>{(user) => <Known id={id} user={user} onErased={setReceipt} />}</Loaded>;
}

/** Nothing is there; whoever knows the id can still find out whether it was erased. */
function Unknown({ id }: { readonly id: string }) {
  const receipt = useReceiptOf(id);
  return (
    <Panel>
      <EmptyState title="The store holds no event of this user">
        {receipt ? (
          <>
            Everything of this id was erased <Instant at={receipt.at} as="absolute" /> by {receipt.actor}; the
            receipt is <Id>{receipt.id}</Id>.
          </>
        ) : (
          'Ids are compared letter by letter. What the retention no longer keeps is not found either.'
        )}
      </EmptyState>
    </Panel>
  );
}

interface KnownProps {
  readonly id: string;
  readonly user: User;
  readonly onErased: (receipt: Receipt) => void;
}

function Known({ id, user, onErased }: KnownProps) {
  const [erasing, setErasing] = useState(false);
  const { user_id: userId, anonymous_ids: anonymousIds, events, events_is_capped: capped } = user;
  const own = userId === id ? { 'events.user_id': [id] } : { 'events.anonymous_id': [id] };
  return (
    <Panel
      title={<span className="user-name">{userId ?? id}</span>}
      actions={
        <>
          <Link href={filteredHref('/events', own)}>Events</Link>
          <Button size="small" look="danger" needs="admin" onClick={() => setErasing(true)}>
            Erase …
          </Button>
        </>
      }
    >
      <KeyValues
        entries={[
          [
            'User id',
            userId === null ? (
              <span className="muted">only known as anonymous</span>
            ) : (
              <Id key="user">{userId}</Id>
            ),
          ],
          ['Events', <Count key="events" value={events} capped={capped} />],
          ['First seen', <Instant key="first" at={user.first_seen_at} as="absolute" />],
          ['Last seen', <Instant key="last" at={user.last_seen_at} as="absolute" />],
          ['Anonymous ids', <AnonymousIds key="anonymous" ids={anonymousIds} />],
        ]}
      />
      {userId !== null && userId !== id && <OtherId id={id} userId={userId} />}
      {erasing && <EraseDialog id={id} user={user} onClose={() => setErasing(false)} onErased={onErased} />}
    </Panel>
  );
}

/** What carries one id of a person is less than what is known of the person. */
const OtherId = ({ id, userId }: { readonly id: string; readonly userId: string }) => (
  <Note tone="info">
    <p>
      <Id>{id}</Id> is an anonymous id of this user: the events that carry it are counted here, and erased
      from here. For everything of the user, <Link href={userHref(userId)}>look up the user id</Link>.
    </p>
  </Note>
);

const userHref = (id: string): string => `/users?${new URLSearchParams({ id }).toString()}`;

function AnonymousIds({ ids }: { readonly ids: readonly string[] }) {
  const [all, setAll] = useState(false);
  if (ids.length === 0) return <span className="muted">none</span>;
  return (
    <ul className="user-ids">
      {(all ? ids : ids.slice(0, SHOWN_IDS)).map((each) => (
        <li key={each}>
          <Link href={filteredHref('/events', { 'events.anonymous_id': [each] })}>
            <Id>{each}</Id>
          </Link>
        </li>
      ))}
      {ids.length > SHOWN_IDS && !all && (
        <li>
          <Button size="small" look="quiet" onClick={() => setAll(true)}>
            All {ids.length}
          </Button>
        </li>
      )}
    </ul>
  );
}

interface EraseDialogProps extends KnownProps {
  readonly onClose: () => void;
}

function EraseDialog({ id, user, onErased, onClose }: EraseDialogProps) {
  const erase = useWrite(() => post<Receipt>(path`users/${id}/erase`, { confirm: id }));
  return (
    <ConfirmDialog
      title="Erase this user?"
      confirmLabel="Erase for good"
      danger
      typed={id}
      onClose={onClose}
      onConfirm={async () => onErased(await erase.mutateAsync(undefined))}
    >
      <p>
        Deletes every event that carries this id, <Count value={user.events} capped={user.events_is_capped} />{' '}
        as far as they are counted, with their jobs, attempts and rejections, and what the anonymous ids of
        the user brought in before they had a user id. Jobs that wait are not delivered. It cannot be undone;
        nothing is kept but a receipt without the id.
      </p>
      <Note tone="warn">
        What was delivered already is with the vendors: ask each of them to erase it too.
      </Note>
    </ConfirmDialog>
  );
}

const Erased = ({ receipt }: { readonly receipt: Receipt }) => (
  <Panel title="Erased">
    <div className="stack" role="status">
      <p>Nothing that carried this id is left in the store. This is the receipt:</p>
      <ReceiptNumbers receipt={receipt} />
    </div>
  </Panel>
);
