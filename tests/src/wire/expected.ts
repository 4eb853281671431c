import type { EventRecord } from '@fragment/core';
import { materialise } from '@fragment/segment-spec';
import { Client } from 'pg';
import type { World } from '../acceptance/world.js';
import type { Fields, Sent } from './captures.js';

const notDelivered = new Set(['writeKey', '_metadata']);

/**
 * What a message must have become, by Segment's specification alone: nulls are absent, ids are text, its batch's
 * `context` is merged in, the write key is gone, and the sender's clock is taken out of `timestamp`.
 *
 * @param ip set for what a browser sent.
 */
export function expectedMessage({ item, envelope }: Sent, receivedAt: Date, ip?: string): Fields {
  const kept = Object.entries(item).filter(([key, value]) => value !== null && !notDelivered.has(key));
  const context = { ...(envelope['context'] as Fields), ...(item['context'] as Fields) };
  const ids = ['userId', 'anonymousId', 'groupId', 'previousId'].filter((key) => item[key] != null);
  return {
    ...Object.fromEntries(kept),
    ...Object.fromEntries(ids.map((key) => [key, String(item[key])])),
    ...expectedTimes({ item, envelope }, receivedAt),
    context: { ...(ip === undefined ? {} : { ip }), ...context },
  };
}

/** The formula of the specification: `timestamp = receivedAt - (sentAt - originalTimestamp)`. */
function expectedTimes({ item, envelope }: Sent, receivedAt: Date): Fields {
  const sentAt = time(item['sentAt'] ?? envelope['sentAt']);
  const originalTimestamp = time(item['originalTimestamp'] ?? item['timestamp']);
  // RudderStack's library sends both when its caller gave a time, which is to be kept.
  const isGiven = item['originalTimestamp'] !== undefined && item['timestamp'] !== undefined;
  const timestamp = isGiven ? time(item['timestamp']) : receivedAt.getTime() - (sentAt - originalTimestamp);
  return {
    timestamp: iso(timestamp),
    originalTimestamp: iso(originalTimestamp),
    sentAt: iso(sentAt),
    receivedAt: receivedAt.toISOString(),
  };
}

const time = (text: unknown): number => Date.parse(String(text));
const iso = (ms: number): string => new Date(ms).toISOString();

const types = ['identify', 'track', 'page', 'screen', 'group', 'alias'];

/** The messages that are stored, without the parents of batches. */
export async function storedMessages({ ops }: World): Promise<readonly EventRecord[]> {
  const found = await ops.findEvents({ events: { typesIn: types } }, { limit: 500 });
  return found.items;
}

/** The stored messages as destinations get them, by message id; fails when one is stored twice. */
export async function deliveredById(world: World): Promise<ReadonlyMap<string, Fields>> {
  const stored = await storedMessages(world);
  const byId = new Map(
    stored.map((event) => [event.messageId ?? '', materialise(event) as unknown as Fields]),
  );
  if (byId.size !== stored.length) throw new Error(`${stored.length} messages have ${byId.size} ids.`);
  return byId;
}

/** Every row of every table of a world, as text: what must not be anywhere is looked for here. */
export async function wholeStore(url: string, schema: string): Promise<string> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const tables = await client.query<{ name: string }>(
      'select table_name as name from information_schema.tables where table_schema = $1',
      [schema],
    );
    const rows: string[] = [];
    for (const { name } of tables.rows) {
      const found = await client.query<{ row: string }>(`select t::text as row from "${schema}"."${name}" t`);
      rows.push(...found.rows.map(({ row }) => row));
    }
    return rows.join('\n');
  } finally {
    await client.end();
  }
}
