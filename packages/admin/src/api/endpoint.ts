import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Application, Operations } from '@fragment/core';
import type { Access, Caller } from '../access/access.js';
import type { Identity, Role } from '../access/roles.js';
import type { JsonAnswer } from './answers.js';
import type { Parameter } from './parameters.js';
import type { AdminQuery } from './query.js';

export interface EndpointContext {
  readonly app: Application;
  readonly operations: Operations;
  readonly access: Access;
  readonly caller: Caller;
  /** Who asks; of an open endpoint nobody needs to. */
  readonly identity: Identity;
  readonly query: AdminQuery;
  /** The body of a write, valid by the endpoint's schema. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly settings: () => readonly SettingView[];
  readonly req: IncomingMessage;
  /** The value of a `:name` in the path. */
  readonly param: (name: string) => string;
}

/** A setting as it may be shown. */
export interface SettingView {
  readonly name: string;
  /** Masked where it is a secret. */
  readonly value: string;
  readonly source: 'option' | 'environment' | 'default';
  readonly secret: boolean;
}

/** What an endpoint answers; the edge writes it. */
export type Answer =
  /** As it is, without the envelope. */
  | { readonly raw: object }
  | (JsonAnswer & {
      readonly status?: 200 | 202;
      readonly headers?: Readonly<Record<string, string>>;
      /** For the audit: what was done, to what, to how many. */
      readonly noted?: { readonly target?: string | undefined; readonly count?: number };
    })
  | { readonly stream: (res: ServerResponse, headers: Readonly<Record<string, string>>) => void };

/** One thing that can be asked. */
export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below the base path; `:name` stands for one segment. */
  readonly path: string;
  /** Who may; `open`: anybody. */
  readonly role: Role | 'open';
  /** A few words for the description of the API. */
  readonly summary: string;
  readonly parameters?: Readonly<Record<string, Parameter>>;
  /** Media types of an answer that is not JSON. */
  readonly produces?: readonly string[];
  /** JSON Schema of the body. */
  readonly body?: object;
  /** Name of what it does in the audit, where every use is noted. Absent: it only reads. */
  readonly audit?: string;
  /** Whom it is about must not stand in the audit. */
  readonly unnamed?: boolean;
  handle(c: EndpointContext): Promise<Answer> | Answer;
}
