import { MESSAGE_TYPES, type MessageType } from '@fragment/segment-spec';

/** One route of the Segment API. */
export interface RestRoute {
  /** Name of its trigger. */
  readonly trigger: string;
  /** Below the prefix. */
  readonly path: string;
  /** What a request to it carries. */
  readonly reads: MessageType | 'batch';
}

const message = (trigger: string, reads: MessageType): RestRoute => ({
  trigger,
  path: `/v1/${trigger}`,
  reads,
});
const batch = (trigger: string): RestRoute => ({ trigger, path: `/v1/${trigger}`, reads: 'batch' });

/**
 * Where SDKs post to. The items of a batch carry the trigger named like their type, so these come first. Browsers use
 * the first letter of the type, and `b`, as mobile SDKs do for batches; `import` is what RudderStack calls a batch.
 */
export const routes: readonly RestRoute[] = [
  ...MESSAGE_TYPES.map((type) => message(type, type)),
  batch('batch'),
  ...MESSAGE_TYPES.map((type) => message(type.charAt(0), type)),
  batch('b'),
  batch('import'),
];
