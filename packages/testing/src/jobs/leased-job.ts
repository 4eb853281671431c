import type { JsonValue, LeasedJob, LoadToolkit, Logger, StoredEvent } from '@fragment/core';

export interface LeasedJobOptions {
  readonly destination?: string;
  /** Default: the message's type. */
  readonly action?: string;
  /** Default 1. */
  readonly attempt?: number;
  /** Frozen data of the job. */
  readonly data?: JsonValue;
  /** Columns that a message does not speak of. */
  readonly event?: Partial<StoredEvent>;
}

type Message = Readonly<Record<string, unknown>>;

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const date = (value: unknown): Date | undefined => (typeof value === 'string' ? new Date(value) : undefined);
let made = 0;

/** A stored event as source-rest would have stored this Segment message. */
export function storedEvent(message: Message, columns: Partial<StoredEvent> = {}): StoredEvent {
  made += 1;
  const id = `01900000-0000-7000-8000-${made.toString(16).padStart(12, '0')}`;
  const timestamp = date(message['timestamp']) ?? new Date('2024-05-01T10:00:00.000Z');
  const known = {
    type: text(message['type']),
    messageId: text(message['messageId']) ?? `message-${made}`,
    userId: text(message['userId']),
    anonymousId: text(message['anonymousId']),
    name: text(message['event']) ?? text(message['name']),
  };
  return {
    id,
    source: 'rest',
    trigger: known.type ?? 'track',
    ...Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined)),
    timestamp,
    receivedAt: timestamp,
    data: JSON.stringify(message),
    ...columns,
  };
}

/** A job in the hands of its action, made from a Segment message. */
export function leasedJob(message: Message, o: LeasedJobOptions = {}): LeasedJob {
  const event = storedEvent(message, o.event);
  const id = `${event.id}.0`;
  const attempt = o.attempt ?? 1;
  return {
    id,
    token: `token-of-${id}`,
    attempt,
    countedAttempts: attempt - 1,
    destination: o.destination ?? 'destination',
    action: o.action ?? text(message['type']) ?? 'track',
    ...(o.data === undefined ? {} : { data: o.data }),
    event,
    createdAt: event.receivedAt,
    dueAt: event.receivedAt,
    idempotencyKey: `${event.messageId ?? event.id}:${id}`,
    depth: 0,
  };
}

/** A line that an action logged. */
export interface LoggedLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly fields: object;
  readonly message?: string;
}

/** A toolkit for calling `load`, `init` and `check` in a test, with what they logged. */
export function loadToolkit(
  o: { readonly destination?: string; readonly signal?: AbortSignal } = {},
): LoadToolkit & {
  readonly logged: readonly LoggedLine[];
} {
  const logged: LoggedLine[] = [];
  const write =
    (level: LoggedLine['level']) =>
    (fields: object, message?: string): void =>
      void logged.push({ level, fields, ...(message === undefined ? {} : { message }) });
  const logger: Logger = {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: () => logger,
  };
  let ids = 0;
  return {
    destination: o.destination ?? 'destination',
    signal: o.signal ?? new AbortController().signal,
    clock: {
      now: () => Date.now(),
      setTimer: (fn, ms) => {
        const timer = setTimeout(fn, ms).unref();
        return { clear: () => clearTimeout(timer) };
      },
    },
    newId: () => `01900000-0000-7000-9000-${(++ids).toString(16).padStart(12, '0')}`,
    logger,
    logged,
  };
}
