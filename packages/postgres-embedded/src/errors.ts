/** What can go wrong, in the words of the error registry of `@fragment/core`, which this package stands below. */
const sentences = {
  FRAGMENT_EMBEDDED_IN_USE: [
    'Another application uses this data directory.',
    'Stop it, or give this application its own FRAGMENT_DATA_DIR.',
  ],
  FRAGMENT_EMBEDDED_NO_OWNER: [
    'The process that owns the embedded database is not running.',
    'Start the other service, or set POSTGRES_STORE_URL.',
  ],
  FRAGMENT_EMBEDDED_UNSUPPORTED: [
    'There is no embedded PostgreSQL for this platform.',
    'Set POSTGRES_STORE_URL to a PostgreSQL of your own.',
  ],
  FRAGMENT_EMBEDDED_INCOMPATIBLE: [
    'The data directory was written by another major version of PostgreSQL.',
    'Dump it with that version and load it here, or choose another FRAGMENT_DATA_DIR.',
  ],
  FRAGMENT_EMBEDDED_NO_USER: [
    'PostgreSQL does not run as root, and no unprivileged user was found.',
    'Add a user `postgres` or `nobody` to /etc/passwd, run as an ordinary user, or set POSTGRES_STORE_URL.',
  ],
  FRAGMENT_EMBEDDED_FORBIDDEN: [
    'The data directory belongs to another user.',
    'Start as that user or as root, or choose another FRAGMENT_DATA_DIR.',
  ],
  FRAGMENT_EMBEDDED_FAILED: ['The embedded PostgreSQL did not start.', 'Its own message follows.'],
} as const;

export type EmbeddedErrorCode = keyof typeof sentences;

export interface EmbeddedErrorOptions {
  /** What in particular; follows the sentence. */
  readonly detail?: string;
  readonly cause?: unknown;
}

/** Every error of this package: a code of the registry, what happened, and in `advice` what to try. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError';
  readonly code: EmbeddedErrorCode;
  readonly advice: string;
  readonly detail: string | undefined;

  constructor(code: EmbeddedErrorCode, { detail, cause }: EmbeddedErrorOptions = {}) {
    const [sentence, advice] = sentences[code];
    super(detail === undefined ? sentence : `${sentence} ${detail}`, cause === undefined ? {} : { cause });
    this.code = code;
    this.advice = advice;
    this.detail = detail;
  }
}

/**
 * The operating system's code (`ENOENT`, ...) of an error, if it has one. It asks no `instanceof Error`, which is false
 * for Node's own errors inside a vm context such as jest's.
 */
export function errnoOf(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

export function messageOf(error: unknown): string {
  const message =
    typeof error === 'object' && error !== null && 'message' in error ? error.message : undefined;
  return typeof message === 'string' ? message : String(error);
}
