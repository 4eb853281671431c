import type { ErrorCode } from '@fragment/core';

/** What a shell or a supervisor learns from the command's end. */
export const EXIT = {
  ok: 0,
  /** It was understood, and failed. */
  failed: 1,
  /** It was not understood: an unknown command, flag or value; or it is not there yet. */
  usage: 2,
  /** The configuration is missing, not valid, or could not be loaded. */
  config: 3,
  /** The store, the queue or the admin API cannot be reached. */
  unreachable: 4,
  /** Nothing matched, with --fail-if-empty. */
  empty: 5,
  /** Something is in the way: a file exists, a port or a data directory is taken. */
  conflict: 6,
  /** Ctrl-C pressed again while it was stopping, or at a question. */
  interrupted: 130,
  /** SIGTERM sent again while it was stopping. */
  terminated: 143,
} as const;

const codes: Partial<Record<ErrorCode, number>> = {
  FRAGMENT_CLI_USAGE: EXIT.usage,
  FRAGMENT_CLI_LATER: EXIT.usage,
  FRAGMENT_CLI_NOTHING_MATCHED: EXIT.empty,
  FRAGMENT_CLI_REMOTE_UNREACHABLE: EXIT.unreachable,
  FRAGMENT_CONFIG_INVALID: EXIT.config,
  FRAGMENT_CONFIG_NOT_FOUND: EXIT.config,
  FRAGMENT_CONFIG_NOT_LOADED: EXIT.config,
  FRAGMENT_TRIGGER_NO_RUNNER: EXIT.config,
  FRAGMENT_ADMIN_TOKEN_REQUIRED: EXIT.config,
  FRAGMENT_WRITE_KEYS_REQUIRED: EXIT.config,
  FRAGMENT_STORE_UNAVAILABLE: EXIT.unreachable,
  FRAGMENT_QUEUE_UNAVAILABLE: EXIT.unreachable,
  FRAGMENT_EMBEDDED_NO_OWNER: EXIT.unreachable,
  FRAGMENT_EMBEDDED_IN_USE: EXIT.conflict,
  FRAGMENT_SERVICE_PORT_TAKEN: EXIT.conflict,
  FRAGMENT_SCAFFOLD_CONFLICT: EXIT.conflict,
};

/** The exit code that goes with an error of the registry. */
export const exitCodeOf = (code: ErrorCode): number => codes[code] ?? EXIT.failed;
