import { rows } from '../row.js';

/** What the store and the queue say. */
export const storeErrors = rows({
  FRAGMENT_STORE_UNAVAILABLE: {
    status: 503,
    message: 'Service Unavailable',
    advice: 'The database cannot be reached or did not answer in time; check it and POSTGRES_STORE_URL.',
  },
  FRAGMENT_STORE_SCHEMA_MISSING: {
    status: 503,
    message: 'The schema of the store is missing or older than this version needs.',
    advice: 'Run `fragment migrations run`.',
  },
  FRAGMENT_STORE_SCHEMA_NEWER: {
    status: 503,
    message: 'The schema of the store is newer than this version knows.',
    advice: 'Upgrade this process; an older version must not write to a newer schema.',
  },
  FRAGMENT_STORE_FAILED: {
    status: 500,
    message: 'The store refused a statement.',
    advice: "The database's own message follows; if it repeats, please report it.",
  },
  FRAGMENT_TRANSACTION_FOREIGN: {
    status: 500,
    message: "The transaction does not belong to the store's database.",
    advice: 'Hand over a knex transaction or a pg client that is connected to the database of the store.',
  },
  FRAGMENT_QUEUE_UNAVAILABLE: {
    status: 503,
    message: 'The queue cannot be reached.',
    advice: 'Check REDIS_URL. Events are still taken and stored; deliveries go on when it is back.',
  },
  FRAGMENT_QUEUE_EVICTION: {
    status: 500,
    message: 'Redis may evict the queue when its memory is full.',
    advice: 'Set `maxmemory-policy noeviction` in Redis.',
  },
});
