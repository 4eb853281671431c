import type { MappingSettings } from '../options.js';
import { limits, type AmplitudeEvent } from '../vendor.js';
import { eventOptionsOf } from './amplitude-options.js';
import { contextFieldsOf } from './context.js';
import { idsOf } from './ids.js';
import type { Fields } from './read.js';

export type BaseEvent = Omit<AmplitudeEvent, 'event_type'>;

/** Room for the suffix of {@link furtherInsertId}, as Amplitude would cut it off. */
const insertIdLength = limits.characters - 24;

/**
 * What all events of a message have in common, or undefined without a usable id. The insert_id comes from the
 * messageId alone, so that every try of a delivery has the same.
 */
export function baseOf(message: Fields, settings: MappingSettings): BaseEvent | undefined {
  const ids = idsOf(message, settings.minIdLength);
  if (!ids) return undefined;
  const time = Date.parse(String(message['timestamp']));
  return {
    ...ids,
    ...(Number.isNaN(time) ? {} : { time }),
    insert_id: String(message['messageId']).slice(0, insertIdLength),
    ...eventOptionsOf(message, settings),
    ...contextFieldsOf(message),
    library: 'fragment',
  };
}

/** The insert_id of the n-th further event of a message: the same one would lose it. */
export const furtherInsertId = (base: BaseEvent, n: number): string => `${base.insert_id}-${n}`;
