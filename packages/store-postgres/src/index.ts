export type { PostgresStoreOptions } from './options.js';
export { postgresStore } from './store.js';
