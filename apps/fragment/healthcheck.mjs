// For the container: well when a service of this process answers, whichever it runs. It asks whether they are alive and
// not whether they are ready: a database that is away is no reason to restart this container.
const ports = [process.env.FRAGMENT_GATEWAY_PORT ?? 9090, process.env.FRAGMENT_SCHEDULER_PORT ?? 9091];
const answers = await Promise.allSettled(
  ports.map((port) => fetch(`http://127.0.0.1:${port}/_health/live`, { signal: AbortSignal.timeout(4_000) })),
);
process.exitCode = answers.some(({ value }) => value?.ok) ? 0 : 1;
