import type { IncomingMessage, ServerResponse } from 'node:http';
import { FragmentError, type Validation } from '@fragment/core';
import { listenProblems, positiveProblems, type ListenOptions } from '@fragment/http-server';
import type { CorsOption } from './cors.js';

export interface GatewayOptions extends ListenOptions {
  /** 0 takes any free port; false when it is mounted into a server of yours. Default FRAGMENT_GATEWAY_PORT, else 9090. */
  readonly port?: number | false;
  /** What it takes, and for how long it waits. */
  readonly limits?: Partial<GatewayLimits>;
  /**
   * Lets pages of any origin send events, or of these only (`https://shop.example.com`), or none. A write key in a page
   * is public anyway, and nothing here depends on cookies. Default true.
   */
  readonly cors?: CorsOption;
  /**
   * How many proxies in front of the gateway may be believed: the client's address, the scheme and the host that it
   * used are taken from that place of `X-Forwarded-For`, `-Proto` and `-Host`, counted from the end. Default 0: none.
   */
  readonly trustProxy?: number;
  /**
   * Answers `/metrics` on the gateway's own port, usually `admin().metrics` of `@fragment/admin`: it knows itself who may see
   * them. For gateways that run apart from the scheduler. Default: nothing does.
   */
  readonly metrics?: MetricsHandler;
}

export type MetricsHandler = (req: IncomingMessage, res: ServerResponse) => void;

export interface GatewayLimits {
  /** Bytes of one request's body after decompression. Default 512,000, which is what SDKs take for "500 KB". */
  readonly requestBytes: number;
  /** Bytes of all bodies held at once; beyond it requests are answered 429. Default 64 MB. */
  readonly inFlightBytes: number;
  /** Until all headers have come. Default 10,000. */
  readonly headersTimeoutMs: number;
  /** Until the whole request has come. Default 30,000. */
  readonly requestTimeoutMs: number;
  /** How long an idle connection is kept; set it above that of a proxy in front. Default 65,000. */
  readonly keepAliveTimeoutMs: number;
}

export interface GatewaySettings {
  readonly host: string;
  readonly port: number | false;
  readonly limits: GatewayLimits;
  readonly cors: CorsOption;
  readonly trustProxy: number;
}

const defaultLimits: GatewayLimits = {
  requestBytes: 512_000,
  inFlightBytes: 64 * 1024 * 1024,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  keepAliveTimeoutMs: 65_000,
};

/** @throws {FragmentError} FRAGMENT_CONFIG_INVALID with every problem at once. */
export function settingsOf(o: GatewayOptions): GatewaySettings {
  const limits = { ...defaultLimits, ...o.limits };
  const trustProxy = o.trustProxy ?? 0;
  const problems: Validation[] = [
    ...listenProblems('gateway', o),
    ...positiveProblems(
      'gateway',
      Object.fromEntries(Object.entries(limits).map(([k, v]) => [`limits.${k}`, v])),
    ),
  ];
  if (limits.inFlightBytes < limits.requestBytes) {
    problems.push({
      message: 'limits.inFlightBytes must not be below limits.requestBytes',
      path: ['gateway', 'limits', 'inFlightBytes'],
    });
  }
  if (!Number.isInteger(trustProxy) || trustProxy < 0) {
    problems.push({ message: 'trustProxy must be a number of proxies', path: ['gateway', 'trustProxy'] });
  }
  problems.push(...corsProblems(o.cors));
  if (problems.length > 0) throw new FragmentError('FRAGMENT_CONFIG_INVALID', { validations: problems });
  return { host: o.host ?? '127.0.0.1', port: o.port ?? 9090, limits, cors: o.cors ?? true, trustProxy };
}

/** As browsers write it: scheme, host and port in lower case, without a path. `null` is what pages without one send. */
const origin = /^(?:[a-z][a-z\d+.-]*:\/\/[^\s/?#A-Z]+|null)$/;

function corsProblems(cors: CorsOption = true): Validation[] {
  if (typeof cors === 'boolean') return [];
  const { origins } = cors;
  const path = ['gateway', 'cors', 'origins'];
  if (!Array.isArray(origins) || origins.length === 0) {
    return [{ message: 'cors must be true, false or name origins', path }];
  }
  return origins.flatMap((each: unknown, index) => {
    if (typeof each === 'string' && origin.test(each)) return [];
    const message = `cors.origins[${index}] must be an origin such as https://shop.example.com, without a path`;
    return [{ message, path: [...path, String(index)] }];
  });
}
