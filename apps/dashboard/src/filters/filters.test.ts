import { describe, expect, it } from '@jest/globals';
import { exportAddress } from './export-address.js';
import {
  addFilter,
  filteredHref,
  filtersOfWhere,
  readFilters,
  removeFilter,
  whereOf,
  writeFilters,
} from './filters.js';

describe('filters in the address', () => {
  it('come back as they were written', () => {
    const filters = {
      'events.user_id': ['ada & co = 100 %'],
      'jobs.status_in': ['failed', 'discarded'],
      'events.received_after': ['2026-01-31T00:00:00.000Z'],
    };
    expect(readFilters(writeFilters(filters).toString())).toEqual(filters);
  });

  it('leave out what is no filter, what is empty, and what is said twice', () => {
    expect(
      readFilters('?range=1h&events.user_id=&jobs.status_in=failed&jobs.status_in=failed&constructor=x'),
    ).toEqual({
      'jobs.status_in': ['failed'],
    });
  });

  it('keep the last where one value is taken', () => {
    expect(readFilters('events.user_id=a&events.user_id=b')).toEqual({ 'events.user_id': ['b'] });
  });

  it('keep the rest of the address, but not the cursor of another list', () => {
    expect(writeFilters({ 'events.name': ['x'] }, 'range=1h&cursor=abc&events.user_id=old').toString()).toBe(
      'range=1h&events.name=x',
    );
  });

  it('make links', () => {
    expect(filteredHref('/jobs', { 'jobs.error_code': ['A B'] })).toBe('/jobs?jobs.error_code=A+B');
    expect(filteredHref('/jobs', {})).toBe('/jobs');
  });
});

describe('changing filters', () => {
  it('adds to a list, and replaces what takes one value', () => {
    const one = addFilter({}, 'jobs.status_in', 'failed');
    expect(addFilter(one, 'jobs.status_in', 'unknown')).toEqual({ 'jobs.status_in': ['failed', 'unknown'] });
    expect(addFilter(one, 'jobs.status_in', 'failed')).toEqual(one);
    expect(addFilter({ 'events.name': ['a'] }, 'events.name', 'b')).toEqual({ 'events.name': ['b'] });
  });

  it('removes one value, and the filter with its last', () => {
    const both = { 'jobs.status_in': ['failed', 'unknown'], 'events.name': ['x'] };
    const one = removeFilter(both, 'jobs.status_in', 'failed');
    expect(one).toEqual({ 'jobs.status_in': ['unknown'], 'events.name': ['x'] });
    expect(removeFilter(one, 'jobs.status_in', 'unknown')).toEqual({ 'events.name': ['x'] });
    expect(removeFilter(both, 'jobs.status_in')).toEqual({ 'events.name': ['x'] });
  });
});

describe('the address of a download', () => {
  it('carries every filter and the format, and nothing of the page of the list', () => {
    const filters = readFilters(
      '?jobs.status_in=failed&jobs.status_in=unknown&events.name=a+%26+b&cursor=c&range=1h',
    );
    const { endpoint, query } = exportAddress('jobs', 'ndjson', filters);
    expect(endpoint).toBe('store/jobs/export');
    expect(query.toString()).toBe(
      'jobs.status_in=failed&jobs.status_in=unknown&events.name=a+%26+b&format=ndjson',
    );
  });

  it('asks for all where there is no filter', () => {
    const { endpoint, query } = exportAddress('rejections', 'csv');
    expect([endpoint, query.toString()]).toEqual(['store/rejections/export', 'format=csv']);
  });
});

describe('filters in bodies', () => {
  const filters = {
    'events.sources_in': ['rest'],
    'events.plan_failed': ['true'],
    'jobs.min_attempts': ['3'],
    'jobs.error_code': ['TIMEOUT'],
  };

  it('have the types of the API', () => {
    expect(whereOf(filters)).toEqual({
      'events.sources_in': ['rest'],
      'events.plan_failed': true,
      'jobs.min_attempts': 3,
      'jobs.error_code': 'TIMEOUT',
    });
  });

  it('are read back from an order, nested as the answer tells them', () => {
    const where = {
      'events.sources_in': ['rest'],
      'events.plan_failed': true,
      jobs: { 'jobs.error_code': 'TIMEOUT', transitions: { 'jobs.min_attempts': 3 } },
      offset: 0,
    };
    expect(filtersOfWhere(where)).toEqual(filters);
  });
});
