const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Runs work that ends when it is told to: by Ctrl-C or SIGTERM, and when nobody reads stdout any more (`... | head`). */
export async function untilStopped<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const end = new AbortController();
  const stop = (): void => end.abort();
  for (const signal of SIGNALS) process.once(signal, stop);
  process.stdout.once('error', stop);
  try {
    return await work(end.signal);
  } finally {
    for (const signal of SIGNALS) process.off(signal, stop);
    process.stdout.off('error', stop);
  }
}
