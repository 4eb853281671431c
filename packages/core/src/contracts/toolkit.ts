/** Structured logger; pino's loggers fit as they are. Fields first, a constant sentence second. */
export interface Logger {
  debug(fields: object, message?: string): void;
  info(fields: object, message?: string): void;
  warn(fields: object, message?: string): void;
  error(fields: object, message?: string): void;
  child(fields: object): Logger;
}

/** Where the time comes from. Tests inject one they can move. All durations are milliseconds. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Calls `fn` once after `ms`. The timer never keeps the process alive by itself. */
  setTimer(fn: () => void, ms: number): Timer;
}

/** A timer that was set with {@link Clock.setTimer}. */
export interface Timer {
  clear(): void;
}

/** What every plugin is handed: it touches nothing else. */
export interface Toolkit {
  readonly logger: Logger;
  readonly clock: Clock;
  /** Aborted when the application stops or the call's deadline has passed. */
  readonly signal: AbortSignal;
  /** A new uuidv7, monotonic within the process. */
  newId(): string;
}
