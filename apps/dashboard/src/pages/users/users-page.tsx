import { useState } from 'react';
import { useLocation, useSearch } from 'wouter';
import { useKeys } from '../../components/keys.js';
import { Button } from '../../components/button.js';
import { Page } from '../../components/page.js';
import { Receipts } from './receipts.js';
import { UserPanel } from './user-panel.js';
import './users.css';

/** Looks a user up, and forgets one who asks for it. */
export function UsersPage() {
  const id = new URLSearchParams(useSearch()).get('id') ?? undefined;
  return (
    <Page title="Users" description="What the store holds of one person, and how all of it is erased.">
      <Lookup key={id} id={id} />
      {id !== undefined && <UserPanel key={id} id={id} />}
      <Receipts />
    </Page>
  );
}

/** The id lives in the address. */
function Lookup({ id }: { readonly id: string | undefined }) {
  const [location, navigate] = useLocation();
  const [text, setText] = useState(id ?? '');
  const [input, setInput] = useState<HTMLInputElement | null>(null);
  useKeys({ '/': { label: 'Look a user up', run: () => input?.focus() } });
  return (
    <form
      className="user-lookup"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        const wanted = text.trim();
        if (wanted !== '') navigate(`${location}?${new URLSearchParams({ id: wanted }).toString()}`);
      }}
    >
      <input
        ref={setInput}
        type="search"
        aria-label="User id or anonymous id"
        placeholder="User id or anonymous id   /"
        value={text}
        maxLength={512}
        spellCheck={false}
        autoComplete="off"
        onChange={({ target }) => setText(target.value)}
      />
      <Button type="submit" look="primary" disabled={text.trim() === ''}>
        Look up
      </Button>
    </form>
  );
}
