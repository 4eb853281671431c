import { describe, expect, it } from '@jest/globals';
import { ingestDefaults } from '../application/settings.js';
import type { PlannedEvent } from '../contracts/events.js';
import type { AppendOutcome } from '../contracts/store.js';
import { FragmentError } from '../errors/fragment-error.js';
import { CommitStore, HandQueue, plannedEvent, settled } from '../fixtures.fixture.js';
import { GroupCommit, refsOf } from './group-commit.js';

const stored: AppendOutcome = { outcome: 'stored' };

const event = (id: string, over: Partial<PlannedEvent> = {}): PlannedEvent =>
  plannedEvent({ id, messageId: id, jobs: [{ seq: 0, destination: 'crm', action: 'track' }], ...over });

describe('group commit', () => {
  const commitOf = (store: CommitStore, limits = {}) => {
    const queue = new HandQueue();
    return {
      queue,
      commit: new GroupCommit(store.asStore(), queue.asQueue(), { ...ingestDefaults, ...limits }),
    };
  };

  it('puts what arrives during a commit into the next one and gives each request its own result', async () => {
    const store = new CommitStore();
    store.manual = true;
    const { commit, queue } = commitOf(store);
    const first = commit.commit([event('a')]);
    const others = [
      commit.commit([event('b')]),
      commit.commit([event('seen')]),
      commit.commit([event('c'), event('bad')]),
    ];
    expect(store.commits.map((c) => c.map((e) => e.id))).toEqual([['a']]);
    store.ends[0]?.();
    await first;
    await settled();
    expect(store.commits[1]?.map((e) => e.id)).toEqual(['b', 'seen', 'c', 'bad']);
    store.ends[1]?.();
    expect((await Promise.all(others)).map((outcomes) => outcomes.map((o) => o.outcome))).toEqual([
      ['stored'],
      ['duplicate'],
      ['stored', 'refused'],
    ]);
    expect(queue.offered.map((o) => o.refs)).toEqual([
      [{ destination: 'crm', from: 'a', to: 'a' }],
      [{ destination: 'crm', from: 'b', to: 'c' }],
    ]);
  });

  it('bounds a commit but never splits a request', async () => {
    const store = new CommitStore();
    store.manual = true;
    const { commit } = commitOf(store, { maxCommitEvents: 2 });
    void commit.commit([event('a')]);
    void commit.commit([event('b')]);
    void commit.commit([event('c'), event('d')]);
    void commit.commit([event('e'), event('f'), event('g')]);
    for (let n = 0; n < 4; n += 1) {
      store.ends[n]?.();
      await settled();
    }
    expect(store.commits.map((c) => c.map((e) => e.id).join(''))).toEqual(['a', 'b', 'cd', 'efg']);
  });

  it('refuses with 429 and Retry-After when too much waits, and takes again afterwards', async () => {
    const store = new CommitStore();
    store.manual = true;
    const { commit } = commitOf(store, { maxPendingEvents: 1 });
    const first = commit.commit([event('a')]);
    const second = commit.commit([event('b')]);
    await expect(commit.commit([event('c')])).rejects.toMatchObject({
      code: 'FRAGMENT_INGEST_OVERLOADED',
      status: 429,
      retryAfterSeconds: 1,
    });
    store.ends[0]?.();
    await first;
    await settled();
    const third = commit.commit([event('c')]);
    store.ends[1]?.();
    await second;
    await settled();
    store.ends[2]?.();
    await expect(third).resolves.toEqual([stored]);
  });

  it('fails the requests of a failed commit and no others, and offers nothing of it', async () => {
    const store = new CommitStore();
    store.manual = true;
    const { commit, queue } = commitOf(store);
    const first = commit.commit([event('a')]);
    const second = commit.commit([event('b')]);
    store.ends[0]?.(new FragmentError('FRAGMENT_STORE_UNAVAILABLE'));
    await expect(first).rejects.toMatchObject({ code: 'FRAGMENT_STORE_UNAVAILABLE' });
    await settled();
    store.ends[1]?.();
    await expect(second).resolves.toEqual([stored]);
    expect(queue.offered).toHaveLength(1);
  });

  it('drains: resolves only when the last commit has ended', async () => {
    const store = new CommitStore();
    store.manual = true;
    const { commit } = commitOf(store);
    void commit.commit([event('a')]);
    let drained = false;
    const drain = commit.drain().then(() => (drained = true));
    await settled();
    expect(drained).toBe(false);
    store.ends[0]?.();
    await drain;
  });

  it('offers neither duplicates nor jobs that are collected for later', () => {
    const later = { seq: 0, destination: 'warehouse', action: 'track', dueAt: new Date() };
    expect(
      refsOf([event('a', { jobs: [later] }), event('b')], [stored, { outcome: 'duplicate', eventId: 'x' }]),
    ).toEqual([]);
  });
});
