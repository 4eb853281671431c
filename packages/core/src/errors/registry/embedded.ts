import { rows } from '../row.js';

/** What the embedded PostgreSQL says. The package itself stands below core and throws errors with these codes. */
export const embeddedErrors = rows({
  FRAGMENT_EMBEDDED_IN_USE: {
    status: 500,
    message: 'Another application uses this data directory.',
    advice: 'Stop it, or give this application its own FRAGMENT_DATA_DIR.',
  },
  FRAGMENT_EMBEDDED_NO_OWNER: {
    status: 503,
    message: 'The process that owns the embedded database is not running.',
    advice: 'Start the other service, or set POSTGRES_STORE_URL.',
  },
  FRAGMENT_EMBEDDED_UNSUPPORTED: {
    status: 500,
    message: 'There is no embedded PostgreSQL for this platform.',
    advice: 'Set POSTGRES_STORE_URL to a PostgreSQL of your own.',
  },
  FRAGMENT_EMBEDDED_INCOMPATIBLE: {
    status: 500,
    message: 'The data directory was written by another major version of PostgreSQL.',
    advice: 'Dump it with that version and load it here, or choose another FRAGMENT_DATA_DIR.',
  },
  FRAGMENT_EMBEDDED_NO_USER: {
    status: 500,
    message: 'PostgreSQL does not run as root, and no unprivileged user was found.',
    advice:
      'Add a user `postgres` or `nobody` to /etc/passwd, run as an ordinary user, or set POSTGRES_STORE_URL.',
  },
  FRAGMENT_EMBEDDED_FORBIDDEN: {
    status: 500,
    message: 'The data directory belongs to another user.',
    advice: 'Start as that user or as root, or choose another FRAGMENT_DATA_DIR.',
  },
  FRAGMENT_EMBEDDED_FAILED: {
    status: 500,
    message: 'The embedded PostgreSQL did not start.',
    advice: 'Its own message follows.',
  },
});
