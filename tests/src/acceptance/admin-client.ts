import { Client } from 'pg';
import type { Validation } from '@fragment/core';

export interface AdminAnswer<T = unknown> {
  readonly status: number;
  readonly body: {
    readonly code?: string;
    readonly message: string;
    readonly meta?: { readonly count?: number };
    readonly data: T;
    readonly validations?: readonly Validation[];
  };
}

/** Asks the admin API of a scheduler; `path` starts below `/admin/api`. */
export async function askAdmin<T = unknown>(
  scheduler: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<AdminAnswer<T>> {
  const response = await fetch(`${scheduler}/admin/api${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as AdminAnswer<T>['body'] };
}

/** Every row of every table of a database, the queue's too, as text. Bytes are hexadecimal in it. */
export async function dumpTables(connection: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const client = new Client({ connectionString: connection });
  await client.connect();
  try {
    const tables = await client.query<{ name: string }>(
      `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
        where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema') order by 1`,
    );
    const dump = new Map<string, readonly string[]>();
    for (const { name } of tables.rows) {
      const { rows } = await client.query<{ text: string }>(
        `select t::text as text from ${name} t order by 1`,
      );
      dump.set(
        name,
        rows.map(({ text }) => text),
      );
    }
    return dump;
  } finally {
    await client.end();
  }
}

/** An event of a stream of server-sent events. */
export interface Sent {
  readonly event: string;
  readonly id?: string;
  readonly data: unknown;
}

/** Follows a stream of server-sent events until it is stopped. */
export async function follow(
  url: string,
): Promise<{ readonly sent: readonly Sent[]; stop(): Promise<void> }> {
  const end = new AbortController();
  const response = await fetch(url, { signal: end.signal });
  if (!response.body || response.status !== 200) throw new Error(`${url} answered ${response.status}`);
  const sent: Sent[] = [];
  const reading = read(response.body, sent).catch((error: unknown) => {
    if (!end.signal.aborted) throw error;
  });
  return {
    sent,
    async stop() {
      end.abort();
      await reading;
    },
  };
}

async function read(body: ReadableStream<Uint8Array>, sent: Sent[]): Promise<void> {
  let text = '';
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    const blocks = (text + chunk).split('\n\n');
    text = blocks.pop() ?? '';
    sent.push(...blocks.flatMap(sentOf));
  }
}

function sentOf(block: string): Sent[] {
  const fields = new Map(block.split('\n').map((line) => line.split(/: (.*)/s) as [string, string]));
  const [event, id, data] = ['event', 'id', 'data'].map((name) => fields.get(name));
  if (event === undefined) return [];
  return [{ event, ...(id !== undefined && { id }), data: JSON.parse(data ?? 'null') as unknown }];
}
