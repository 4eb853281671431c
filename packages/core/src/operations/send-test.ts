import type { Application } from '../contracts/application.js';
import type { Extraction } from '../contracts/events.js';
import type { IngestAnswer } from '../contracts/ingest.js';
import type { JsonObject, JsonValue } from '../contracts/json.js';
import { FragmentError } from '../errors/fragment-error.js';
import { newId } from '../platform/toolkit.js';
import { destinationOf } from './registered.js';

export interface SendTestOptions {
  readonly source?: string;
  readonly destination?: string;
}

/** Takes a message in through the trigger named like its type, with that trigger's flows. */
export async function sendTest(
  app: Application,
  message: JsonObject,
  o: SendTestOptions = {},
): Promise<IngestAnswer> {
  const type = textOf(message['type']) ?? '';
  const source = app.sources.find(
    ({ name, triggers }) =>
      (o.source === undefined || name === o.source) && triggers.some((trigger) => trigger.name === type),
  );
  if (!source) {
    throw new FragmentError('FRAGMENT_INGEST_TRIGGER_UNKNOWN', {
      detail: `No source has a trigger '${type}', which the type of the message names.`,
    });
  }
  return app.ingest(source.name, type, extractionOf(type, aimed(app, message, o.destination)));
}

/** For one destination alone, whatever the message said of others. */
function aimed(app: Application, message: JsonObject, destination: string | undefined): JsonObject {
  if (destination === undefined) return message;
  const { name, integrations = [name] } = destinationOf(app, destination);
  const options = message['integrations'];
  const own = isObject(options) ? options[integrations[0] ?? name] : undefined;
  return { ...message, integrations: { All: false, [name]: isObject(own) ? own : true } };
}

function extractionOf(type: string, message: JsonObject): Extraction {
  const fields = Object.entries({
    userId: textOf(message['userId']),
    anonymousId: textOf(message['anonymousId']),
    name: textOf(message[type === 'track' ? 'event' : 'name']),
  }).filter(([, value]) => value !== undefined);
  const messageId = textOf(message['messageId']) ?? `test-${newId()}`;
  return { type, data: message, messageId, ...(Object.fromEntries(fields) as Partial<Extraction>) };
}

const textOf = (value: JsonValue | undefined): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
