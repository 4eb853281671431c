import { FragmentError, type Logger } from '@fragment/core';
import {
  EmbeddedPostgresError,
  locatePostgres,
  openPostgres,
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
} from '@fragment/postgres-embedded';

/** The PostgreSQL that lives and dies with the application. Its address is known before it runs. */
export interface Database {
  readonly url: string;
  /** Starts it, or attaches when another process of the same application owns it. Repeatable. */
  open(): Promise<void>;
  /** Ends an opening that is under way, which then rejects. Does nothing to a database that is open. */
  abandon(): void;
  /** Abandons it, or ends what was opened. Repeatable. */
  close(): Promise<void>;
}

/**
 * Finds out where the database of a directory is, without starting it.
 * @throws {FragmentError} FRAGMENT_EMBEDDED_UNSUPPORTED, FRAGMENT_EMBEDDED_NO_USER
 */
export async function embeddedDatabase(o: {
  readonly dataDir: string;
  readonly application: string;
  readonly logger: Logger;
}): Promise<Database> {
  const closing = new AbortController();
  const options: EmbeddedPostgresOptions = {
    dataDir: o.dataDir,
    application: o.application,
    signal: closing.signal,
    onNotice: (notice) => o.logger.warn({ part: 'postgres' }, notice),
    onLog: (line) => o.logger.debug({ part: 'postgres' }, line),
  };
  const { url, dataDir } = await translated(() => locatePostgres(options));
  let opening: Promise<EmbeddedPostgres> | undefined;
  const start = (): Promise<EmbeddedPostgres> => {
    o.logger.info({ dataDir }, 'using the embedded PostgreSQL; for production set POSTGRES_STORE_URL');
    return translated(() => openPostgres(options));
  };
  const abandon = (): void =>
    closing.abort(new FragmentError('FRAGMENT_APPLICATION_STATE', { detail: 'It is being stopped.' }));
  return {
    url,
    async open() {
      opening ??= start();
      await opening;
    },
    abandon,
    async close() {
      abandon();
      // What kept it from opening was told to whoever opened it.
      const opened = await opening?.catch(() => undefined);
      await opened?.stop();
    },
  };
}

/** postgres-embedded stands below core, so its errors are not core's yet. */
async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof EmbeddedPostgresError)) throw error;
    throw new FragmentError(error.code, {
      cause: error.cause ?? error,
      ...(error.detail !== undefined && { detail: error.detail }),
    });
  }
}
