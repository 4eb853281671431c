import type { JobRef } from '@fragment/core';

/** What travels through the broker: a JobRef without its destination, which the queue's name holds. Never event data. */
export type Message =
  | { readonly ids: readonly string[]; readonly alone?: boolean }
  | { readonly from: string; readonly to: string };

/** A message on its way, not to be seen before `due` (milliseconds since the epoch; 0: at once). */
export interface Outgoing {
  readonly message: Message;
  readonly due: number;
}

/** Reads a message back; undefined when it is none of ours. */
export function toRef(destination: string, message: unknown): JobRef | undefined {
  if (typeof message !== 'object' || message === null) return undefined;
  if ('from' in message && 'to' in message) {
    const { from, to } = message;
    return typeof from === 'string' && typeof to === 'string' ? { destination, from, to } : undefined;
  }
  if (!('ids' in message) || !isStrings(message.ids)) return undefined;
  const { ids } = message;
  return 'alone' in message && message.alone === true
    ? { destination, ids, alone: true }
    : { destination, ids };
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
