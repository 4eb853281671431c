import { MESSAGE_TYPES, type MessageType } from '@fragment/segment-spec';

/** One trigger of the Segment API that takes messages. */
export interface RestRoute {
  readonly trigger: string;
  /** Below the prefix; the first is the one to show. */
  readonly paths: readonly string[];
  /** The one among them that the user's own device posts to, never a server. */
  readonly devicePath: string;
  /** What a request to it carries. */
  readonly reads: MessageType | 'batch';
}

/**
 * Where SDKs post to. Browsers use the first letter of the type, and `b`, as mobile SDKs do for batches; `import` is
 * what RudderStack calls a batch. An event carries the trigger named like its type whichever path it took.
 */
export const routes: readonly RestRoute[] = [
  ...MESSAGE_TYPES.map((type): RestRoute => {
    const devicePath = `/v1/${type.charAt(0)}`;
    return { trigger: type, paths: [`/v1/${type}`, devicePath], devicePath, reads: type };
  }),
  {
    trigger: 'batch',
    // The Java library ends its path with a slash.
    paths: ['/v1/batch', '/v1/b', '/v1/import', '/v1/import/'],
    devicePath: '/v1/b',
    reads: 'batch',
  },
];
