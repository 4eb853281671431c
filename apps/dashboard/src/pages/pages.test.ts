import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { AuditEntry, FailureGroup, Rejection } from '../api/types.js';
import { deedOf } from './audit/deeds.js';
import { targetHref } from './audit/target-link.js';
import { filtersOfGroup, keyOf } from './failures/group-filters.js';
import { reasonsOf } from './rejections/reasons.js';
import { subjectOf } from './users/subject.js';

const group: FailureGroup = {
  destination: 'mailchimp',
  action: 'identify',
  status: 'discarded',
  code: 'MAILCHIMP_EMAIL_MISSING',
  message: 'The event has no email.',
  advice: null,
  count: 3,
  first_at: '2026-01-01T00:00:00.000Z',
  last_at: '2026-01-02T00:00:00.000Z',
  sample_job_id: 'e.1',
};

const own = {
  'jobs.destinations_in': ['mailchimp'],
  'jobs.actions_in': ['identify'],
  'jobs.status_in': ['discarded'],
  'jobs.error_code': ['MAILCHIMP_EMAIL_MISSING'],
};

describe('the filters of a group', () => {
  it('name exactly its jobs', () => {
    expect(filtersOfGroup({}, group)).toEqual(own);
  });

  it('keep those of the page, and narrow what the page leaves open', () => {
    const page = {
      'events.sources_in': ['rest'],
      'jobs.status_in': ['failed', 'discarded'],
      'jobs.destinations_in': ['mailchimp', 'amplitude'],
    };
    expect(filtersOfGroup(page, group)).toEqual({ 'events.sources_in': ['rest'], ...own });
  });

  it('never switch themselves off by the event of a job', () => {
    expect(filtersOfGroup({ 'jobs.event_id': ['e'] }, group)).toEqual({ 'events.ids_in': ['e'], ...own });
  });
});

describe('the key of a group', () => {
  it('is its own, whatever its parts hold', () => {
    const other = { ...group, destination: 'mailchimp","identify', action: '' };
    expect(keyOf(group)).not.toBe(keyOf(other));
    expect(keyOf(group)).toBe(keyOf({ ...group, count: 4, message: 'another sentence' }));
  });
});

const rejection = (source: string, trigger: string, code: string): Rejection => ({
  id: 'r',
  source,
  trigger,
  index: null,
  message_id: null,
  type: null,
  code,
  message: '',
  validations: [],
  data: null,
  redacted: false,
  received_at: '2026-01-01T00:00:00.000Z',
});

describe('reasons of rejections', () => {
  it('are counted by source, trigger and code, most frequent first', () => {
    const rejections = [
      rejection('rest', 'track', 'A'),
      rejection('rest', 'identify', 'A'),
      rejection('rest', 'identify', 'A'),
      rejection('crm', 'track', 'A'),
      rejection('rest', 'track', 'B'),
    ];
    expect(
      reasonsOf(rejections).map(({ source, trigger, code, count }) => [source, trigger, code, count]),
    ).toEqual([
      ['rest', 'identify', 'A', 2],
      ['rest', 'track', 'A', 1],
      ['crm', 'track', 'A', 1],
      ['rest', 'track', 'B', 1],
    ]);
    expect(reasonsOf([])).toEqual([]);
  });
});

const id = '019ab3c4-0000-7000-8000-000000000001';
const entry = (action: string, target: string | null): AuditEntry => ({
  id: '1',
  at: '2026-01-01T00:00:00.000Z',
  actor: 'jane',
  action,
  target,
  count: null,
  outcome: 'ok',
});

describe('the page of what was acted on', () => {
  it.each([
    ['lane.pause', 'mail chimp', '/destinations/mail%20chimp'],
    ['destination.check', 'amplitude', '/destinations/amplitude'],
    ['trigger.run', 'my shop/nightly', '/sources/my%20shop'],
    ['bulk.order', `retry ${id}`, `/orders/${id}`],
    ['bulk.cancel', id, `/orders/${id}`],
    ['event.replay', id, `/events/${id}`],
    ['job.retry', `${id}.2`, `/jobs/${id}.2`],
    ['job.retry', '../../login', undefined],
    ['event.test', 'javascript:alert(1)', undefined],
    ['bulk.order', 'nothing', undefined],
    ['user.erase', `receipt ${id}`, undefined],
    ['store.purge', null, undefined],
    ['store.purge', `purge ${id}`, `/orders/${id}`],
  ])('%s of %s', (action, target, href) => {
    expect(targetHref(entry(action, target))).toBe(href);
  });
});

describe('the subject of a receipt', () => {
  it.each(['u1', '', 'zoë@example.com'])('is the SHA-256 of %j in hex', async (id) => {
    expect(await subjectOf(id)).toBe(createHash('sha256').update(id).digest('hex'));
  });
});

describe('a deed of the audit', () => {
  it('is told in words, and by its own name where there are none', () => {
    expect(deedOf('lane.pause')).toBe('Pause');
    expect(deedOf('lane.paint')).toBe('lane.paint');
    expect(deedOf('constructor')).toBe('constructor');
  });
});
