import { MESSAGE_TYPES, type MessageType } from '@fragment/segment-spec';

/** One trigger of the Segment API. */
export interface RestRoute {
  readonly trigger: string;
  /** Below the prefix; the first is the one to show. */
  readonly paths: readonly string[];
  /** What a request to it carries. */
  readonly reads: MessageType | 'batch';
}

/**
 * Where SDKs post to. Browsers use the first letter of the type, and `b`, as mobile SDKs do for batches; `import` is
 * what RudderStack calls a batch. An event carries the trigger named like its type whichever path it took.
 */
export const routes: readonly RestRoute[] = [
  ...MESSAGE_TYPES.map((type): RestRoute => ({
    trigger: type,
    paths: [`/v1/${type}`, `/v1/${type.charAt(0)}`],
    reads: type,
  })),
  { trigger: 'batch', paths: ['/v1/batch', '/v1/b', '/v1/import'], reads: 'batch' },
];
