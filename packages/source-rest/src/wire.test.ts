import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { Extraction, SubExtraction } from '@fragment/core';
import type { RestOptions } from './index.js';
import { post, refusal } from './post.fixture.js';

describe('recorded traffic of SDKs', () => {
  interface Recorded {
    readonly method: string;
    readonly path: string;
    readonly headers: Record<string, string>;
    readonly body: Record<string, unknown> | null;
  }
  const directory = new URL('../fixtures/wire/', import.meta.url);
  const captures = readdirSync(directory).map((file): [string, Recorded[]] => [
    file,
    JSON.parse(readFileSync(new URL(file, directory), 'utf8')) as Recorded[],
  ]);

  it('is complete', () => {
    expect(captures).toHaveLength(10);
  });

  it.each(captures)('%s is accepted, message by message', (_, requests) => {
    const posts = requests.filter(({ method, body }) => method === 'POST' && body !== null);
    expect(posts.length).toBeGreaterThan(0);
    for (const { path, headers, body } of posts) {
      for (const text of [JSON.stringify(body), JSON.stringify(body, null, 2)]) {
        const options: RestOptions = { strict: true, writeKeys: ['wk_capture', 'test-write-key'] };
        const extraction = post(options, path, text, { headers });
        const items = (body?.['batch'] ?? [body]) as Record<string, unknown>[];
        const stored: readonly (Extraction | SubExtraction)[] = extraction.subEvents ?? [extraction];
        expect(extraction.rejected ?? []).toEqual([]);
        expect(stored).toHaveLength(items.length);
        items.forEach((item, index) => {
          const kept = { ...item };
          delete kept['writeKey'];
          const event = stored[index]!;
          expect(JSON.parse(event.data as string)).toEqual(kept);
          expect(event.parsed).toEqual(kept);
          expect(event).toMatchObject({ type: item['type'], messageId: item['messageId'] });
          // No recorded id is a number: the SDKs that take numbers write them as text.
          expect(event.userId).toBe(item['userId'] ?? undefined);
          expect(event.timestamp?.getTime()).toBeGreaterThan(0);
          expect(event.sentAt).toBeInstanceOf(Date);
        });
      }
      expect(
        refusal(() => post({ writeKeys: ['other'] }, path, JSON.stringify(body), { headers })).status,
      ).toBe(401);
    }
  });
});
