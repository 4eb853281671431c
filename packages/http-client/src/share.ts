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
 * only this job's share of it. Its members are getters, so it costs nothing where nobody reads it, and a spread copies
 * none of them.
 */
export function exchangeOf(reply: HttpReply, share?: Share): Exchange {
  const shared = share !== undefined && (share.own ?? 1) < share.of ? share : undefined;
  if (reply.kind === 'answer')
    return shared && !shared.answered ? new Sent(reply, shared) : new Answered(reply, shared);
  const { status } = reply.error;
  const request = shared ? sharedRequest(reply, shared) : reply.request;
  return { ...(status !== undefined && { status }), request };
}

/** The same with plain members, for what is kept in any case. */
export function readExchange(reply: HttpReply, share?: Share): Exchange {
  const { status, request, response } = exchangeOf(reply, share);
  return {
    ...(status !== undefined && { status }),
    ...(request !== undefined && { request }),
    ...(response !== undefined && { response }),
  };
}

/**
 * What was sent, and of the answer its status. A class, since getters of an object literal cost more than all the rest of
 * a verdict; its private members keep the reply out of whatever is made of it.
 */
class Sent {
  readonly #reply: HttpAnswer;
  readonly #share: Share | undefined;

  constructor(reply: HttpAnswer, share: Share | undefined) {
    this.#reply = reply;
    this.#share = share;
  }

  get status(): number {
    return this.#reply.status;
  }

  get request(): string {
    return this.#share ? sharedRequest(this.#reply, this.#share) : this.#reply.request;
  }

  toJSON(): Exchange {
    return readExchange(this.#reply, this.#share);
  }

  protected said(): string {
    return this.#share ? sharedResponse(this.#reply, this.#share) : this.#reply.response;
  }
}

class Answered extends Sent {
  get response(): string {
    return this.said();
  }
}

function sharedRequest(reply: HttpReply, { of, own = 1, sent }: Share): string {
  const route = reply.route?.() ?? reply.request.split('\n', 1).join('');
  const which = own === 1 ? 'one' : String(own);
  return shown(reply, `${route} (${which} of ${of} in this request)\n${sent()}`);
}

function sharedResponse(reply: HttpAnswer, { answered }: Share): string {
  const said = answered?.() ?? '';
  return shown(reply, typeof said === 'string' ? said : encodeJson(said));
}

/** A reply that no client of ours made knows no secrets. */
const shown = (reply: HttpReply, text: string): string => (reply.excerpt ?? createMasker([]).excerpt)(text);
