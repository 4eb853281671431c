import type { EventDetail, TriggerDetail } from '../../api/types.js';
import { curlOf } from '../../format/curl.js';
import { GATEWAY_URL } from '../../format/first-curl.js';

type Json = Readonly<Record<string, unknown>>;

/**
 * A command that sends the message of an event again, as a new one: with its old `messageId` it would count as a
 * duplicate. undefined where its trigger is not one that HTTP reaches, or what it carries is no object.
 */
export function curlOfEvent(event: EventDetail, triggers: readonly TriggerDetail[]): string | undefined {
  const trigger = triggers.find(({ name }) => name === event.trigger);
  if (trigger?.mode.mode !== 'http' || !isObject(event.data)) return undefined;
  const body = { ...merged(event.context, event.data), messageId: undefined };
  return curlOf({ url: `${GATEWAY_URL}${trigger.mode.http.path}`, writeKey: 'YOUR_WRITE_KEY', body });
}

/** An item of a batch says what its batch says once for all, unless it says otherwise itself. */
function merged(common: unknown, own: Json): Json {
  if (!isObject(common)) return own;
  const both = Object.entries(own).map(([name, value]) => {
    const shared = common[name];
    return [name, isObject(shared) && isObject(value) ? { ...shared, ...value } : value];
  });
  return { ...common, ...(Object.fromEntries(both) as Json) };
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
