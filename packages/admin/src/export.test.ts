import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { FragmentError, type EventRecord, type Found, type Operations, type Page } from '@fragment/core';
import { waitFor } from '@fragment/testing';
import { cleanUp, started } from './admin.fixture.js';
import { fakeOperations, type Asked } from './operations.fixture.js';
import { event, eventId, job } from './samples.fixture.js';
import { csvRows, eventColumns } from './resources/tables.js';

afterEach(cleanUp);

const events = '/admin/api/store/events/export';
const aborted = new Error('nothing more is wanted');

/** Pages of one event each; the cursor is the number of the page. */
function paged(
  pages: number,
  pageOf: (n: number) => EventRecord = (n) => ({ ...event, name: `event ${n}` }),
) {
  const asked: Asked[] = [];
  const findEvents: Operations['findEvents'] = (where, page: Page = {}): Promise<Found<EventRecord>> => {
    asked.push({ where, page });
    const n = Number(page.cursor ?? 0);
    const found = { items: [pageOf(n)], count: 0, countIsCapped: false, limit: 1, offset: 0 };
    return Promise.resolve({ ...found, ...(n + 1 < pages && { nextCursor: String(n + 1) }) });
  };
  return { asked, operations: { ...fakeOperations().operations, findEvents } };
}

describe('an export', () => {
  it('has every page there is, each asked for by the cursor of the one before', async () => {
    const { asked, operations } = paged(3);
    const { url } = await started({ operations });
    const res = await fetch(`${url}${events}?events.sources_in=rest&format=csv`);
    expect(Object.fromEntries(res.headers)).toMatchObject({
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': 'attachment; filename="fragment-events.csv"',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    const [head, ...rows] = (await res.text()).split('\r\n');
    expect(head).toMatch(/^"id","received_at","ingested_at","timestamp",.*"data","context"$/);
    expect(rows).toEqual([
      ...['event 0', 'event 1', 'event 2'].map((name) => expect.stringContaining(`,"track","${name}","m1",`)),
      '',
    ]);
    expect(rows[0]).toContain('"amplitude discarded"');
    expect(rows[0]).toContain('"{""event"":""Order""}"');
    const where = { events: { sourcesIn: ['rest'] }, jobs: {} };
    const page = { limit: 200, counted: false };
    expect(asked).toEqual(
      [undefined, '1', '2'].map((c) => ({ where, page: { ...page, ...(c && { cursor: c }) } })),
    );
  });

  it('is a line of JSON each when that is asked for, as the lists tell it', async () => {
    const { operations } = paged(2);
    const { url, ask } = await started({ operations });
    const res = await fetch(`${url}${events}?format=ndjson`);
    expect(res.headers.get('content-type')).toBe('application/x-ndjson');
    const lines = (await res.text()).trimEnd().split('\n');
    const one = await ask(`/admin/api/store/events/${eventId}`);
    expect(lines.map((line) => JSON.parse(line) as object)).toEqual(
      ['event 0', 'event 1'].map((name) => ({ ...(one.body.data as object), name })),
    );
  });

  it('is there of jobs and rejections too, and of nothing in another form', async () => {
    const { url, ask } = await started({}, { nextCursor: undefined as never });
    const text = async (of: string) => (await fetch(`${url}/admin/api/store/${of}/export`)).text();
    expect(await text('jobs')).toMatch(
      new RegExp(
        `^"id","event_id",.*\r\n"${job.id}",.*,"FRAGMENT_DELIVERY_REJECTED","400","no such user",""\r\n$`,
      ),
    );
    expect(await text('rejections')).toMatch(
      /^"id","received_at",.*\r\n"r1",.*,"X","Bad Request","",""\r\n$/,
    );
    const { status, body } = await ask(`${events}?format=xml`);
    expect([status, body.validations?.[0]?.message]).toEqual([
      400,
      'format must be given once, as csv or ndjson',
    ]);
    expect((await ask('/admin/api/store/rejections/export?events.name=x')).status).toBe(400);
  });

  it('asks for nothing more when its reader has left, and leaves its place to others', async () => {
    // A page is more than a socket takes at once, so that nobody writes ahead of who reads.
    const { asked, operations } = paged(1e6, () => ({ ...event, data: 'x'.repeat(4_000_000) }));
    const { url, ask } = await started({ operations });
    const open = async () => {
      const end = new AbortController();
      const res = await fetch(`${url}${events}`, { signal: end.signal });
      await res.body?.getReader().read();
      return end;
    };
    const readers = [await open(), await open()];
    const refused = await ask(events);
    expect([refused.status, refused.body.code]).toEqual([429, 'FRAGMENT_ADMIN_BUSY']);
    expect(asked.length).toBeLessThan(20);
    for (const reader of readers) reader.abort(aborted);
    const again = await waitFor(async () => {
      const end = new AbortController();
      const { status } = await fetch(`${url}${events}`, { method: 'HEAD', signal: end.signal });
      return status === 200;
    });
    expect(again).toBe(true);
    const pages = asked.length;
    await ask('/admin/api/store/stats');
    expect(asked.length).toBe(pages);
  });

  it('is broken off, not ended, when the store goes away in the middle; before, it is answered', async () => {
    const away = new FragmentError('FRAGMENT_STORE_UNAVAILABLE');
    const { operations } = paged(3);
    const find = operations.findEvents;
    const failing = (after: number): Operations => ({
      ...operations,
      findEvents: (where, page = {}) =>
        Number(page.cursor ?? 0) >= after ? Promise.reject(away) : find(where, page),
    });
    const { url } = await started({ operations: failing(2) });
    const res = await fetch(`${url}${events}`);
    expect(res.status).toBe(200);
    await expect(res.text()).rejects.toThrow();
    const { ask } = await started({ operations: failing(0) });
    for (let n = 0; n < 5; n += 1) {
      const { status, body } = await ask(events);
      expect([status, body.code]).toEqual([503, 'FRAGMENT_STORE_UNAVAILABLE']);
    }
  });

  it('tells HEAD what it would be, and reads no more', async () => {
    const { asked, operations } = paged(3);
    const { url } = await started({ operations });
    const req = request(`${url}${events}`, { method: 'HEAD' }).end();
    const [res] = (await once(req, 'response')) as [IncomingMessage];
    res.resume();
    await once(res, 'end');
    expect([res.headers['content-disposition'], asked.length]).toEqual([
      'attachment; filename="fragment-events.csv"',
      1,
    ]);
  });
});

describe('a cell of a table (S24)', () => {
  it.each([
    ['=1+1', `"'=1+1"`],
    ['+1', `"'+1"`],
    ['-1', `"'-1"`],
    ['@SUM(A1:A9)', `"'@SUM(A1:A9)"`],
    ['\t=1+1', `"'\t=1+1"`],
    ['\r=1+1', `"'\r=1+1"`],
    ['＝1+1', `"'＝1+1"`],
    ['＋1', `"'＋1"`],
    ['－1', `"'－1"`],
    ['＠A1', `"'＠A1"`],
    ['=HYPERLINK("http://evil.example","x")', `"'=HYPERLINK(""http://evil.example"",""x"")"`],
    ["=cmd|'/c calc'!A1", `"'=cmd|'/c calc'!A1"`],
    ['","=1+1', `""",""=1+1"`],
    ['a\r\n=1+1', `"a\r\n=1+1"`],
    ['a=1', `"a=1"`],
    ['1', `"1"`],
    ['', `""`],
  ])('%j is %j, whatever it is a part of', (text, cell) => {
    const hostile = { ...event, name: text, userId: text, version: text, planError: text, data: text };
    const row = csvRows(eventColumns, [hostile]);
    const count = row.split(cell).length - 1;
    // Of an empty text there are others.
    expect(text === '' ? count >= 5 : count === 5).toBe(true);
    expect(row.endsWith('\r\n')).toBe(true);
  });
});
