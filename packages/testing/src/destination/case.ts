import type { JobResult } from '@fragment/core';

/**
 * One example of what a destination does: messages in, requests and outcomes out. Kept as JSON beside the destination,
 * run by `testDestination`, printed in its README by `tablesOf`.
 */
export interface DestinationCase {
  /** A sentence: what this case shows. Unique within the destination. */
  readonly name: string;
  /** The rows of the mapping table that it proves. */
  readonly maps?: readonly CaseMapping[];
  /** The row of the answers table that it proves: what the vendor says, in words. The rest is read from `outcomes`. */
  readonly answer?: string;
  /** Options over the suite's own. */
  readonly options?: Readonly<Record<string, unknown>>;
  /**
   * Segment messages, one job each, handed over in one call of `load` per action as far as its `batch` allows.
   * Defaults: `messageId` is `message-<n>`, counted from 1; `timestamp` is 2026-11-23T10:00:00.000Z.
   */
  readonly events: readonly Readonly<Record<string, unknown>>[];
  /** What must be sent, in order and nothing else. Absent: not compared. Empty: no request at all. */
  readonly requests?: readonly ExpectedRequest[];
  /** The vendor's answers in order, before the fake answers by its own rules. Each must be asked for. */
  readonly answers?: readonly CaseAnswer[];
  /** One per event, in order. Default: all succeeded. */
  readonly outcomes?: readonly ExpectedOutcome[];
}

/** A case with the file it was read from. */
export interface LoadedCase extends DestinationCase {
  readonly file: string;
}

/**
 * A row of the mapping table: a field of the vendor and the field of the message it is made from. Proven by both being
 * there, and by other requests when the latter is taken out of the message.
 */
export interface CaseMapping {
  /**
   * Dotted path in a request of the case. It may begin at any object in it, so that `user_id` stands for that of an
   * event in a list. Arrays are looked through; a number picks one element.
   */
  readonly to: string;
  /** Dotted path in a message of the case. */
  readonly from: string;
  readonly note?: string;
}

export interface ExpectedRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** Default: no query. */
  readonly query?: Readonly<Record<string, string>>;
  /** Only those named are compared. */
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON, the fields of a form, or the text of anything else; exactly this. Absent: not compared. */
  readonly body?: unknown;
}

export interface CaseAnswer {
  /** Needed unless `close`. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly text?: string;
  /** The connection is reset instead of an answer. Default false. */
  readonly close?: boolean;
}

/** Fields that are given are compared with the job's result. */
export interface ExpectedOutcome {
  readonly outcome: JobResult['outcome'];
  readonly code?: string;
  /** A part of the sentence. */
  readonly message?: string;
  readonly status?: number;
  readonly retryAfterMs?: number;
  readonly scope?: 'job' | 'user' | 'lane';
  readonly hold?: 'credentials';
  readonly countsAsAttempt?: boolean;
}
