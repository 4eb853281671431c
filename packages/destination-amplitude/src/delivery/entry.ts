import { encodeJson } from '@fragment/http-client';
import { limits, type AmplitudeEvent, type Upload } from '../vendor.js';

/** One event on its way: the same object in every request it is part of. */
export interface Entry {
  readonly event: AmplitudeEvent;
  /** As it is sent. */
  readonly text: string;
  readonly bytes: number;
}

/** Room in a request for the key, the options and the brackets. */
const envelopeBytes = 1000;

export function entryOf(event: AmplitudeEvent): Entry {
  const text = encodeJson(event);
  return { event, text, bytes: Buffer.byteLength(text) };
}

export const fitsRequest = (entry: Entry, { bytes }: Upload): boolean => entry.bytes <= bytes - envelopeBytes;

/** Cuts entries, in order, into requests that Amplitude takes. */
export function requestsOf(entries: readonly Entry[], { bytes }: Upload): Entry[][] {
  const requests: Entry[][] = [];
  let room = { bytes: 0, events: 0 };
  for (const entry of entries) {
    if (room.events === 0 || room.bytes < entry.bytes + 1) {
      requests.push([]);
      room = { bytes: bytes - envelopeBytes + 1, events: limits.events };
    }
    requests.at(-1)?.push(entry);
    room = { bytes: room.bytes - entry.bytes - 1, events: room.events - 1 };
  }
  return requests;
}

/** The body of a request, put together from the texts of its events, which a repeat uses again. */
export function bodyOf(entries: readonly Entry[], apiKey: string, minIdLength: number): string {
  const options = JSON.stringify({ min_id_length: minIdLength });
  return `{"api_key":${JSON.stringify(apiKey)},"options":${options},"events":[${entries.map(({ text }) => text).join(',')}]}`;
}
