export {
  attachPostgres,
  embeddedPostgresVersion,
  locatePostgres,
  openPostgres,
  startPostgres,
  type EmbeddedPostgres,
} from './embedded-postgres.js';
export { EmbeddedPostgresError, type EmbeddedErrorCode } from './errors.js';
export type { EmbeddedPostgresOptions } from './options.js';
export type { PostgresExit } from './server.js';
