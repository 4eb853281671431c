import type { ClientBase } from 'pg';
import type { Database } from '../connection/database.js';
import type { Session } from '../connection/session.js';

interface Fingerprint {
  readonly oid: number;
  readonly started: string;
}

const same = (a: Fingerprint | undefined, b: Fingerprint | undefined): boolean =>
  a !== undefined && a.oid === b?.oid && a.started === b.started;

/** Tells whether a connection is to the store's own database. Asks each connection once. */
export function databaseIdentity(db: Database): (client: ClientBase, session: Session) => Promise<boolean> {
  // Server and database in one: no two running servers share the moment of their start and a database's number.
  const statement = db.statement(
    'identity',
    `select oid::integer as oid, pg_postmaster_start_time()::text as started
     from pg_database where datname = current_database()`,
  );
  const known = new WeakSet<ClientBase>();
  let own: Fingerprint | undefined;
  const ask = async (session: Session): Promise<Fingerprint | undefined> =>
    (await session.run<Fingerprint>(statement, []))[0];

  return async (client, session) => {
    if (known.has(client)) return true;
    const theirs = await ask(session);
    // Ours may have been restarted since it was asked.
    if (!same(theirs, own)) own = await ask(db);
    if (!same(theirs, own)) return false;
    known.add(client);
    return true;
  };
}
