import path from 'node:path';
import type { Where } from '@fragment/core';
import { loadEnvironment } from '../env-files.js';
import type { OperatorFlags } from '../flags.js';
import { AdminApi } from './admin-api.js';
import { isEmpty, parametersOf } from './filter.js';
import type { ChangeKind, Operator, Ordered } from './operator.js';
import { eventOf, jobOf, type EventView, type JobView } from './views.js';

/** Through the admin API of a running scheduler. The token is FRAGMENT_ADMIN_TOKEN: flags are seen by everybody. */
export function remoteOperator(url: string, flags: OperatorFlags): Operator {
  loadEnvironment(
    path.resolve(flags.cwd),
    flags.envFile === undefined ? undefined : path.resolve(flags.envFile),
  );
  const api = new AdminApi(url, process.env['FRAGMENT_ADMIN_TOKEN']);
  return {
    async findJobs(where, { limit, cursor }) {
      const parameters = [...parametersOf(where), ['limit', limit] as const];
      if (cursor !== undefined) parameters.push(['cursor', cursor]);
      const { data, meta } = await api.get<readonly JobView[], PageMeta>('store/jobs', parameters);
      return {
        jobs: data.map(jobOf),
        count: meta.count,
        countIsCapped: meta.count_is_capped ?? false,
        nextCursor: meta.next_cursor ?? undefined,
      };
    },
    async preview(kind, where) {
      const { data } = await api.post<Counted>('store/preview', bodyOf(kind, where));
      return { count: data.count, countIsCapped: data.count_is_capped };
    },
    async change(kind, where, ratePerSecond) {
      const body = { ...bodyOf(kind, where), ...(ratePerSecond && { rate_per_second: ratePerSecond }) };
      return orderedOf((await api.post<Bulk>('store/bulks', body)).data);
    },
    async purge(where, ratePerSecond) {
      const of = isEmpty(where) ? { all: true } : { where: whereBody(where) };
      const body = { ...of, ...(ratePerSecond && { rate_per_second: ratePerSecond }) };
      return orderedOf((await api.post<Bulk>('store/purge', body)).data);
    },
    async *tail(where, signal) {
      for await (const event of api.stream<EventView>('store/stream', parametersOf(where), signal))
        yield eventOf(event);
    },
    close: () => Promise.resolve(),
  };
}

const whereBody = (where: Where): object => Object.fromEntries(parametersOf(where));

const bodyOf = (kind: ChangeKind | 'purge', where: Where) => ({ kind, where: whereBody(where) });

const orderedOf = ({ id, total, total_is_capped: capped }: Bulk): Ordered => ({
  order: id,
  count: total,
  countIsCapped: capped,
});

interface PageMeta {
  readonly count: number;
  readonly count_is_capped?: boolean;
  readonly next_cursor?: string | null;
}

interface Counted {
  readonly count: number;
  readonly count_is_capped: boolean;
}

interface Bulk {
  readonly id: string;
  readonly total: number;
  readonly total_is_capped: boolean;
}
