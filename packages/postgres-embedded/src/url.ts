/** The superuser of the cluster, and the only one. */
const databaseName = 'postgres';
export const roleName = 'fragment';
export const defaultPort = '5432';

/**
 * The address for pg, knex and BullMQ. Port and sslmode are named so that PGPORT and PGSSLMODE of the environment do
 * not lead elsewhere.
 */
export function urlOf(run: string, port: string): string {
  const query = new URLSearchParams({ host: run, sslmode: 'disable' });
  return `postgresql://${roleName}@localhost:${port}/${databaseName}?${query.toString()}`;
}
