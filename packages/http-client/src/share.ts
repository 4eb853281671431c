import type { Exchange } from '@fragment/core';
import { createMasker } from './excerpt.js';
import { encodeJson } from './json.js';
import type { HttpAnswer, HttpReply } from './types.js';

/** What one job has of a request that several share. Its functions are called when somebody looks. */
export interface Share {
  /** Items of the whole request: jobs, or what they were cut into. */
  readonly of: number;
  /** This job's items among them. Default 1. All of them: the request was this job's alone, and is shown whole. */
  readonly own?: number;
  /** This job's part of the body, as it was sent. Secrets need not be masked. */
  readonly sent: () => string;
  /**
   * What the vendor said of this job and of no other; an object is shown as JSON. Default: of such an answer nothing is
   * kept but its status, as nobody knows whom the rest speaks of.
   */
  readonly answered?: () => string | object;
}

/**
 * What went over the wire, as a job may keep it: secrets masked, at most 4 KB each way, and where the request was shared
 * only this job's share of it. Made when it is read, so it costs nothing where nobody does.
 */
export function exchangeOf(reply: HttpReply, share?: Share): Exchange {
  const shared = share !== undefined && (share.own ?? 1) < share.of ? share : undefined;
  if (reply.kind === 'failure') {
    const { status } = reply.error;
    return {
      ...(status !== undefined && { status }),
      get request() {
        return shared ? sharedRequest(reply, shared) : reply.request;
      },
    };
  }
  return shared ? sharedExchange(reply, shared) : wholeExchange(reply);
}

function wholeExchange(reply: HttpAnswer): Exchange {
  return {
    status: reply.status,
    get request() {
      return reply.request;
    },
    get response() {
      return reply.response;
    },
  };
}

function sharedExchange(reply: HttpAnswer, share: Share): Exchange {
  const { answered } = share;
  if (!answered)
    return {
      status: reply.status,
      get request() {
        return sharedRequest(reply, share);
      },
    };
  return {
    status: reply.status,
    get request() {
      return sharedRequest(reply, share);
    },
    get response() {
      const said = answered();
      return shown(reply, typeof said === 'string' ? said : encodeJson(said));
    },
  };
}

function sharedRequest(reply: HttpReply, { of, own = 1, sent }: Share): string {
  const route = reply.route ?? reply.request.split('\n', 1).join('');
  const which = own === 1 ? 'one' : String(own);
  return shown(reply, `${route} (${which} of ${of} in this request)\n${sent()}`);
}

/** A reply that no client of ours made knows no secrets. */
const shown = (reply: HttpReply, text: string): string => (reply.excerpt ?? createMasker([]).excerpt)(text);
