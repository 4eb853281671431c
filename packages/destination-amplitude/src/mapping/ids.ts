import { limits, refusedIds, type AmplitudeEvent } from '../vendor.js';
import { fieldsOf, type Fields } from './read.js';

/**
 * An id Amplitude takes: text, long enough, none of the words that it refuses. It would cut one that is too long, and
 * two people whose ids begin alike would become one.
 */
export function usableId(value: unknown, minIdLength: number): string | undefined {
  const id = typeof value === 'number' ? String(value) : value;
  if (typeof id !== 'string' || id.length < minIdLength || id.length > limits.characters) return undefined;
  return refusedIds.has(id.trim().toLowerCase()) ? undefined : id;
}

/** Devices that hide their advertising id report one of zeros only. */
export const isAllZero = (id: string): boolean => /^[0-]+$/.test(id);

export type Ids = Pick<AmplitudeEvent, 'user_id' | 'device_id'>;

/**
 * `userId`, and `context.device.id`, else `anonymousId`. Both together when both are known, so that anonymous history
 * is merged. undefined when neither can be used.
 */
export function idsOf(message: Fields, minIdLength: number): Ids | undefined {
  const user = usableId(message['userId'], minIdLength);
  const device =
    deviceIdOf(fieldsOf(fieldsOf(message['context'])['device'])['id'], minIdLength) ??
    deviceIdOf(message['anonymousId'], minIdLength);
  if (user === undefined && device === undefined) return undefined;
  return { ...(user !== undefined && { user_id: user }), ...(device !== undefined && { device_id: device }) };
}

function deviceIdOf(value: unknown, minIdLength: number): string | undefined {
  const id = usableId(value, minIdLength);
  return id === undefined || isAllZero(id) ? undefined : id;
}

export const noIds = 'The message has no userId, device id or anonymousId that Amplitude takes.';
