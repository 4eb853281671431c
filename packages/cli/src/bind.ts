/** Where one of the services is to listen. */
export interface Binding {
  readonly service: 'gateway' | 'scheduler';
  readonly host?: string;
  readonly port: number;
}

const services = { '9090': 'gateway', '9091': 'scheduler' } as const;

/** Reads `[host:]<port>:<9090|9091>`, where the last number names the service; a sentence when it is not that. */
export function parseBind(text: string): Binding | string {
  const [, host, port, number] = /^(?:(\[[^\]]+\]|[^:[\]]+):)?(\d{1,5}):(9090|9091)$/.exec(text) ?? [];
  if (port === undefined || (number !== '9090' && number !== '9091')) {
    return 'It must be [host:]<port>:9090 for the gateway or [host:]<port>:9091 for the scheduler.';
  }
  if (Number(port) > 65_535) return `${port} is not a port: the highest is 65535.`;
  return {
    service: services[number],
    port: Number(port),
    ...(host !== undefined && { host: host.replace(/^\[(.*)\]$/, '$1') }),
  };
}
