import type { Metric, Registry } from 'prom-client';

export type Labels = Readonly<Record<string, string>>;

export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

/** A metric that is not kept anywhere: each scrape reads what the application has counted. */
export interface Reading {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly read: () => Promise<readonly NamedSample[]> | readonly NamedSample[];
}

/** `name`: where it is not the metric's own, as the parts of a histogram. */
export type NamedSample = Sample & { readonly name?: string };

/** A registry asks a metric for nothing but this. */
export function register(registry: Registry, { name, help, type, read }: Reading): void {
  const metric = {
    name,
    help,
    type,
    aggregator: 'sum',
    async get() {
      const samples = await read();
      const values = samples.map(({ labels, value, name: part }) => ({
        labels,
        value,
        ...(part === undefined ? {} : { metricName: part }),
      }));
      return { name, help, type, aggregator: 'sum', values };
    },
    /** What was counted is the application's. */
    reset: (): void => undefined,
  };
  registry.registerMetric(metric as unknown as Metric);
}

/** Samples of the same labels made one: a scrape that tells a series twice is refused. */
export function summed(samples: Iterable<Sample>): readonly Sample[] {
  const byLabels = new Map<string, { readonly labels: Labels; value: number }>();
  for (const { labels, value } of samples) {
    const key = JSON.stringify(labels);
    const known = byLabels.get(key);
    if (known) known.value += value;
    else byLabels.set(key, { labels, value });
  }
  return [...byLabels.values()];
}

export interface Distribution {
  readonly labels: Labels;
  /** Counts per bucket, one more for what is above the last bound. */
  readonly buckets: readonly number[];
  readonly sum: number;
}

/** A histogram's series, of distributions with the same bounds; those with the same labels are added up. */
export function histogram(
  name: string,
  bounds: readonly number[],
  distributions: Iterable<Distribution>,
): readonly NamedSample[] {
  const byLabels = new Map<string, { labels: Labels; buckets: number[]; sum: number }>();
  for (const { labels, buckets, sum } of distributions) {
    const key = JSON.stringify(labels);
    const known = byLabels.get(key) ?? { labels, buckets: [], sum: 0 };
    byLabels.set(key, {
      labels,
      buckets: [...bounds, Number.POSITIVE_INFINITY].map(
        (_, at) => (known.buckets[at] ?? 0) + (buckets[at] ?? 0),
      ),
      sum: known.sum + sum,
    });
  }
  return [...byLabels.values()].flatMap(({ labels, buckets, sum }) => {
    let below = 0;
    const cumulative = buckets.map((count, at) => ({
      name: `${name}_bucket`,
      labels: { ...labels, le: String(bounds[at] ?? '+Inf') },
      value: (below += count),
    }));
    return [
      ...cumulative,
      { name: `${name}_sum`, labels, value: sum },
      { name: `${name}_count`, labels, value: below },
    ];
  });
}
