import { defaultPort } from './url.js';

/** How to start, share or find the database of a data directory. */
export interface EmbeddedPostgresOptions {
  /** A directory of this database alone; made when missing. Its path identifies the database on this machine. */
  readonly dataDir: string;
  /** Whose database it is: processes of one application share it, another application is refused. Default `fragment`. */
  readonly application?: string;
  /** Called with a sentence a person should read: data kept elsewhere, a leftover ended, a restart. */
  readonly onNotice?: (line: string) => void;
  /** Called with each line of PostgreSQL's own log. It holds no statements and no values. */
  readonly onLog?: (line: string) => void;
  /** PostgreSQL settings besides and over the defaults: `{ max_connections: '200' }`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Default true. False, for tests only: nothing is flushed to the disk, and a power cut spoils the data. */
  readonly durable?: boolean;
  /** Default true: a PostgreSQL that ends by itself, or is killed, is started again until `stop`. */
  readonly restart?: boolean;
  /** How long a start may take, recovery after a crash included; default 120,000. */
  readonly startTimeoutMs?: number;
  /** Ends a start that is under way; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

export type ResolvedOptions = Required<Omit<EmbeddedPostgresOptions, 'signal'>> & {
  readonly signal: AbortSignal | undefined;
  readonly port: string;
};

const defaultSettings = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  timezone: 'UTC',
  log_timezone: 'UTC',
  shared_buffers: '64MB',
  max_connections: '60',
  fsync: 'on',
  // What a client did wrong is told to the client. In the log it would show statements and values.
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  log_checkpoints: 'off',
};

/** What is committed still survives the death of every process, though not a power cut. */
const careless = { fsync: 'off', full_page_writes: 'off' };

/** @throws TypeError naming every option that is wrong */
export function resolveOptions(options: EmbeddedPostgresOptions): ResolvedOptions {
  const { dataDir, application = 'fragment', durable = true, startTimeoutMs = 120_000, signal } = options;
  const settings = { ...defaultSettings, ...(durable ? {} : careless), ...options.settings };
  const problems = problemsOf({ dataDir, application, startTimeoutMs, settings });
  if (problems.length > 0) throw new TypeError(`postgres-embedded: ${problems.join('; ')}.`);
  return {
    dataDir,
    application,
    durable,
    startTimeoutMs,
    signal,
    settings,
    port: options.settings?.['port'] ?? defaultPort,
    restart: options.restart ?? true,
    onNotice: options.onNotice ?? ignore,
    onLog: options.onLog ?? ignore,
  };
}

/** For callers without a compiler too. */
function problemsOf(
  o: Pick<ResolvedOptions, 'dataDir' | 'application' | 'startTimeoutMs' | 'settings'>,
): string[] {
  const isName = (value: unknown) => typeof value === 'string' && value !== '';
  const problems: string[] = [];
  if (!isName(o.dataDir)) problems.push('dataDir must be a path');
  if (!isName(o.application)) problems.push('application must be a name');
  if (!(o.startTimeoutMs > 0)) problems.push('startTimeoutMs must be above zero');
  for (const name of Object.keys(o.settings)) {
    if (!/^[a-z_][a-z0-9_.]*$/i.test(name))
      problems.push(`settings: ${JSON.stringify(name)} is not the name of a setting`);
  }
  return problems;
}

const ignore = (): void => undefined;
