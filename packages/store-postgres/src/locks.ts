import type { Logger, Store } from '@fragment/core';
import type { Database } from './connection/database.js';

/** Locks are rows with an end by the database's clock: whoever dies holding one holds it no longer than that. */
export function locksOf(db: Database, logger: Logger): Pick<Store, 'lock'> {
  const locks = db.table('locks');
  const until = "now() + $3::float8 * interval '1 ms'";
  const take = db.statement(
    'lock',
    `insert into ${locks} as l (name, owner, until) values ($1, $2::uuid, ${until})
     on conflict (name) do update set owner = excluded.owner, until = excluded.until where l.until < now()
     returning name`,
  );
  const renewal = db.statement(
    'lock_renew',
    `update ${locks} set until = ${until} where name = $1 and owner = $2::uuid returning name`,
  );
  const release = db.statement('lock_release', `delete from ${locks} where name = $1 and owner = $2::uuid`);
  return {
    async lock(name, ms) {
      const owner = crypto.randomUUID();
      const taken = await db.run(take, [name, owner, ms]);
      if (taken.length === 0) return undefined;
      return {
        renew: async (renewMs) => (await db.run(renewal, [name, owner, renewMs])).length > 0,
        release: async () => {
          try {
            await db.run(release, [name, owner]);
          } catch (error) {
            logger.warn(
              { lock: name, reason: error instanceof Error ? error.message : String(error) },
              'a lock ends only by its time',
            );
          }
        },
      };
    },
  };
}
