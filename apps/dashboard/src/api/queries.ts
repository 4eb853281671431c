import {
  useMutation,
  useQueries,
  useQuery,
  useQueryClient,
  type UseMutationResult,
  type UseQueryOptions,
  type UseQueryResult,
} from '@tanstack/react-query';
import { get, path, request, type ApiError, type QueryValue } from './client.js';
import type {
  DestinationSummary,
  EventDetail,
  Job,
  Listed,
  Overview,
  Session,
  SourceSummary,
  Statistics,
  Transition,
} from './types.js';

interface ReadOptions {
  readonly query?: Readonly<Record<string, QueryValue>> | URLSearchParams;
  /** Asks again after this time, in milliseconds, while the page is seen. Default: never. */
  readonly refreshMs?: number | false;
  readonly enabled?: boolean;
  /** Another one means another answer: it is read at once. */
  readonly version?: string;
}

/** Reads `data` of an endpoint. Reads of one path are refreshed together by {@link useWrite}. */
export function useRead<T>(endpoint: string, options: ReadOptions = {}): UseQueryResult<T, ApiError> {
  const { query, refreshMs = false, enabled = true } = options;
  return useQuery<T, ApiError>({
    queryKey: [endpoint, keyOf(query)],
    queryFn: ({ signal }) => get<T>(endpoint, query, signal),
    refetchInterval: refreshMs,
    placeholderData: ofSame(endpoint),
    enabled,
  });
}

/** Reads a list with its `meta`. */
export const useListed = <T>(
  endpoint: string,
  options: ReadOptions = {},
): UseQueryResult<Listed<T>, ApiError> => useQuery(listed<T>(endpoint, options));

function listed<T>(endpoint: string, options: ReadOptions): UseQueryOptions<Listed<T>, ApiError> {
  const { query, refreshMs = false, enabled = true, version } = options;
  return {
    queryKey: [endpoint, 'list', keyOf(query), version],
    queryFn: async ({ signal }) => {
      const { data, meta } = await request<readonly T[]>(endpoint, { ...(query && { query }), signal });
      return { data, meta: meta ?? { count: data.length } };
    },
    refetchInterval: refreshMs,
    placeholderData: ofSame(endpoint),
    enabled,
  };
}

/** What another query of the same endpoint has brought is shown until the answer is there; never what belongs to another. */
const ofSame =
  (endpoint: string) =>
  <T>(before: T | undefined, query: { readonly queryKey: readonly unknown[] } | undefined): T | undefined =>
    query?.queryKey[0] === endpoint ? before : undefined;

const keyOf = (query: ReadOptions['query']): unknown =>
  query instanceof URLSearchParams ? query.toString() : (query ?? {});

/** Changes something, then reads again whatever is shown. */
export function useWrite<TVariables, TResult>(
  write: (variables: TVariables) => Promise<TResult>,
): UseMutationResult<TResult, ApiError, TVariables> {
  const client = useQueryClient();
  return useMutation<TResult, ApiError, TVariables>({
    mutationFn: write,
    onSettled: () => client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' }),
  });
}

export const useSessionQuery = (): UseQueryResult<Session, ApiError> =>
  useQuery<Session, ApiError>({
    queryKey: ['session'],
    queryFn: ({ signal }) => get<Session>('session', undefined, signal),
    staleTime: 60_000,
  });

const OVERVIEW_REFRESH_MS = 5_000;

export const useOverview = () => useRead<Overview>('overview', { refreshMs: OVERVIEW_REFRESH_MS });

export const useStatistics = (range: {
  readonly from: string;
  readonly to: string;
  readonly step_ms: number;
}) => useRead<Statistics>('statistics', { query: range });

export const useEvent = (id: string, refreshMs: number | false = false) =>
  useRead<EventDetail>(path`store/events/${id}`, { refreshMs });

export const useJob = (id: string, refreshMs: number | false = false) =>
  useRead<Job>(path`store/jobs/${id}`, { refreshMs });

type JobVersion = Pick<Job, 'id' | 'status' | 'attempt'>;

/** The history of a job: read anew whenever the job has changed, so that it never tells less than the job. */
export const useTransitions = (job: JobVersion | undefined) => useQuery(history(job));

/** The histories of several jobs, in their order; empty until they are read. */
export const useHistories = (jobs: readonly JobVersion[]): readonly (readonly Transition[])[] =>
  useQueries({ queries: jobs.map((job) => history(job)) }).map(({ data }) => data?.data ?? []);

const history = (job: JobVersion | undefined) =>
  listed<Transition>(path`store/jobs/${job?.id ?? ''}/transitions`, {
    query: { limit: 500 },
    version: `${job?.status} ${job?.attempt}`,
    enabled: job !== undefined,
  });

/** The catalogue hardly changes: it is read once. */
export const useSources = () => useListed<SourceSummary>('sources');
export const useDestinations = () => useListed<DestinationSummary>('destinations');
