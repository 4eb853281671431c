import type { HttpClient } from '@fragment/http-client';
import type { Settings } from '../options.js';
import type { Upload } from '../vendor.js';

/** What actions deliver with. */
export interface Api {
  readonly settings: Settings;
  readonly upload: Upload;
  readonly events: HttpClient;
  readonly userMap: HttpClient;
  readonly dashboard: HttpClient;
}
