import { describe, expect, it } from '@jest/globals';
import { leasedJob, loadToolkit } from '@fragment/testing';
import { log, type LogOptions } from './index.js';

const job = leasedJob({
  type: 'track',
  event: 'Order Completed',
  userId: 'u-1',
  messageId: 'm-1',
  properties: { email: 'a@b.c' },
});
const fields = {
  destination: 'out',
  action: 'track',
  job: job.id,
  messageId: 'm-1',
  eventType: 'track',
  eventName: 'Order Completed',
};

const run = async (jobs: (typeof job)[], o: LogOptions = {}) => {
  const toolkit = loadToolkit({ destination: 'out' });
  const action = log(o).actions.find(({ name }) => name === jobs[0]?.action);
  return { results: await action!.load(jobs, toolkit), logged: toolkit.logged };
};

describe('log', () => {
  it('says what would be delivered, without personal data, and succeeds', async () => {
    const other = leasedJob({ type: 'track', messageId: 'm-2' });
    const { results, logged } = await run([job, other]);
    expect(results).toEqual([job, other].map(({ id }) => ({ job: id, outcome: 'succeeded' })));
    expect(logged).toEqual([
      { level: 'info', fields, message: 'would deliver' },
      {
        level: 'info',
        fields: { destination: 'out', action: 'track', job: other.id, messageId: 'm-2', eventType: 'track' },
        message: 'would deliver',
      },
    ]);
    expect(JSON.stringify(logged)).not.toContain('a@b.c');
  });

  it('writes lines of JSON where it is told to', async () => {
    const lines: string[] = [];
    const { logged } = await run([job], { write: (line) => lines.push(line) });
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([fields]);
    expect(logged).toEqual([]);
  });

  it('shows the message when asked, whatever it is', async () => {
    const frozen = leasedJob({ type: 'track' }, { data: { event: 'Paid' } });
    const broken = leasedJob({ type: 'track' }, { event: { data: 'no JSON' } });
    const { results, logged } = await run([job, frozen, broken], { showData: true });
    expect(logged).toMatchObject([
      { fields: { ...fields, data: { type: 'track', userId: 'u-1', properties: { email: 'a@b.c' } } } },
      { fields: { data: { event: 'Paid' } } },
      { fields: { data: 'no JSON' } },
    ]);
    expect(results.map(({ outcome }) => outcome)).toEqual(['succeeded', 'succeeded', 'succeeded']);
  });

  it('has all six actions and checks its options', () => {
    expect(log()).toMatchObject({ name: 'log', accepts: 'segment' });
    expect(log().actions.map(({ name }) => name)).toEqual([
      'identify',
      'track',
      'page',
      'screen',
      'group',
      'alias',
    ]);
    expect.assertions(3);
    try {
      log({ name: '', write: 'stdout', showData: 1 } as unknown as LogOptions);
    } catch (error) {
      expect(error).toMatchObject({
        code: 'FRAGMENT_CONFIG_INVALID',
        validations: [{ path: ['name'] }, { path: ['write'] }, { path: ['showData'] }],
      });
    }
  });
});
