import {
  FragmentError,
  isFragmentError,
  newId,
  type Application,
  type Source,
  type Validation,
} from '@fragment/core';
import type { MessageInputs, MessageType } from '@fragment/segment-spec';
import { notJson } from './body.js';
import type { RestSource } from './rest.js';

export interface ClientOptions {
  /** The name of the source that the messages come from. Default: the only one that `rest()` made. */
  readonly source?: string;
}

export interface SendOptions {
  /**
   * A knex transaction, or a pg client inside one, on the store's database. The message is stored if it commits, and
   * delivered within seconds; rolled back, it never was.
   */
  readonly transaction?: unknown;
}

/** What became of a message. */
export type Sent =
  | {
      /** `duplicate`: a message with this `messageId` is stored already, `eventId` being its event. */
      readonly outcome: 'stored' | 'duplicate';
      readonly messageId: string;
      readonly eventId: string;
    }
  | {
      /** It is not sound, and never will be. Kept as a rejection, too. */
      readonly outcome: 'refused';
      readonly code: string;
      /** Everything that is wrong with it, in one line. */
      readonly message: string;
      readonly validations: readonly Validation[];
    };

/**
 * Segment's calls without HTTP. A fault of the message is told, not thrown, so that it never rolls the caller's
 * transaction back.
 *
 * @throws {FragmentError} each call: FRAGMENT_STORE_UNAVAILABLE, FRAGMENT_INGEST_OVERLOADED, FRAGMENT_TRANSACTION_FOREIGN.
 */
export type Client = {
  readonly [Type in MessageType]: (message: MessageInputs[Type], o?: SendOptions) => Promise<Sent>;
};

/**
 * Sends messages from the application's own process, with the checks, defaults and deduplication of the HTTP API. No
 * write key is needed, and `context.ip` is not filled in.
 *
 * @throws {FragmentError} FRAGMENT_CONFIG_INVALID when the source is not there, or is not the only one and not named.
 */
export function client(app: Application, o: ClientOptions = {}): Client {
  const source = sourceOf(app, o);
  const send =
    (type: MessageType) =>
    async (message: unknown, { transaction }: SendOptions = {}): Promise<Sent> => {
      const receivedAt = new Date(app.clock.now());
      let extraction;
      try {
        extraction = source.readMessage(type, written(message, type), { receivedAt, newId });
      } catch (error) {
        if (!isFragmentError(error)) throw error;
        return await refused(app, source, type, error);
      }
      const joined = transaction === undefined ? {} : { transaction };
      const { event, outcome } = await app.ingest(source.name, type, extraction, joined);
      const messageId = event.messageId ?? event.id;
      if (outcome.outcome === 'duplicate')
        return { outcome: 'duplicate', messageId, eventId: outcome.eventId };
      if (outcome.outcome === 'refused') return { ...outcome, validations: [] };
      return { outcome: 'stored', messageId, eventId: event.id };
    };
  return {
    identify: send('identify'),
    track: send('track'),
    page: send('page'),
    screen: send('screen'),
    group: send('group'),
    alias: send('alias'),
  };
}

/** A message as JSON; whatever stands in the way of that (a cycle, a BigInt, a `toJSON` that throws) is its fault. */
function written(message: unknown, type: MessageType): string {
  try {
    // In a list, what JSON has no word for is null; alone it would be no text at all.
    return JSON.stringify([message]).slice(1, -1);
  } catch {
    throw notJson(
      'The message holds something that JSON cannot: a cycle, a BigInt, or too many levels.',
      type,
    );
  }
}

/** Keeps it for the operator: a batch of nothing but this refused item stores no event. */
async function refused(
  app: Application,
  source: Source,
  type: MessageType,
  error: FragmentError,
): Promise<Sent> {
  const { code, message, validations } = error.toBody();
  const rejected = [{ ...error.rejection, code, message, validations }];
  await app.ingest(source.name, type, { type, data: {}, subEvents: [], rejected });
  const what = validations.map((problem) => problem.message).join('; ');
  return { outcome: 'refused', code, message: what, validations };
}

function sourceOf(app: Application, { source }: ClientOptions): RestSource {
  const known = app.sources.filter(isRestSource);
  const named = source === undefined ? known : known.filter(({ name }) => name === source);
  const [found] = named;
  if (found !== undefined && named.length === 1) return found;
  const names = known.map(({ name }) => name).join(', ') || 'none';
  const message = `source must name one of the sources that rest() made: ${names}`;
  throw new FragmentError('FRAGMENT_CONFIG_INVALID', {
    validations: [{ message, path: ['client', 'source'] }],
  });
}

function isRestSource(source: Source): source is RestSource {
  return 'readMessage' in source;
}
