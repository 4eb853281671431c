import type { Operations } from '@fragment/core';
import type { Registry } from 'prom-client';
import type { AdminToken, HostLogin } from './access/roles.js';
import type { SettingView } from './api/endpoint.js';
import type { Redact } from './redaction/redact.js';

export interface AdminOptions {
  /** At least 16 characters: may do everything. Asked for as `Authorization: Bearer <token>`, or once by the page. */
  readonly token?: string;
  /** More of them, each with a name that the audit tells and a role. Without any token only this machine is served. */
  readonly tokens?: readonly AdminToken[];
  /**
   * The host's own login, for mounting into a host: true when it stands before every request, or a function that says
   * who sent one. Not together with tokens. Default false.
   */
  readonly hostLogin?: boolean | HostLogin;
  /** Names that Host may have, for instance `cdp.example.com`. Default: any with a login, loopback names without. */
  readonly hosts?: readonly string[];
  /** Where the dashboard and the API below it are. Default `/admin`. */
  readonly basePath?: string;
  /** What `settings` shows; secrets masked by whoever hands them over. Default: nothing. */
  readonly settings?: () => readonly SettingView[];
  /**
   * Says what is shown of what people sent: data of events, jobs and rejections, requests, responses and messages of
   * errors, in whatever the API answers. Ids, names and types, which one searches by, are shown as they are. Default: all.
   */
  readonly redact?: Redact;
  /**
   * Where the metrics of the application go, one registry for each application. Default: an own one, which also holds
   * what is measured of the process: memory, garbage collection, how late the event loop is.
   */
  readonly registry?: Registry;
  /** Default: the operations of the application it is attached to. */
  readonly operations?: Operations;
}
