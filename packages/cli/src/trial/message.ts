import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { FragmentError, newId, type Extraction, type JsonObject } from '@fragment/core';

/**
 * A message from a file, or from stdin for `-`.
 * @throws {FragmentError} FRAGMENT_CLI_USAGE when it cannot be read or is no JSON object
 */
export const readMessage = async (file: string): Promise<JsonObject> =>
  messageIn(await contentOf(file), file);

/**
 * A message as it stands on the command line: JSON, `@` and a file, or `-` for stdin.
 * @throws {FragmentError} FRAGMENT_CLI_USAGE as `readMessage` does
 */
export async function givenMessage(given: string): Promise<JsonObject> {
  if (given === '-') return readMessage(given);
  return given.startsWith('@') ? readMessage(given.slice(1)) : messageIn(given, 'The message');
}

async function contentOf(file: string): Promise<string> {
  try {
    return file === '-' ? await text(process.stdin) : await readFile(file, 'utf8');
  } catch {
    throw usage(`${file} cannot be read.`);
  }
}

function messageIn(content: string, name: string): JsonObject {
  let message: unknown;
  try {
    message = JSON.parse(content);
  } catch {
    throw usage(`${name} is not JSON.`);
  }
  if (typeof message === 'object' && message !== null && !Array.isArray(message))
    return message as JsonObject;
  throw usage(`${name} must hold one JSON object.`);
}

const usage = (detail: string): FragmentError => new FragmentError('FRAGMENT_CLI_USAGE', { detail });

/** The message as a trigger of the Segment API would hand it on. */
export function extractionOf(message: JsonObject): Omit<Extraction, 'subEvents'> {
  const type = textOf(message['type']);
  const timestamp = new Date(textOf(message['timestamp']) ?? NaN);
  const fields = {
    type,
    userId: textOf(message['userId']),
    anonymousId: textOf(message['anonymousId']),
    name: textOf(message[type === 'track' ? 'event' : 'name']),
    ...(!Number.isNaN(timestamp.getTime()) && { timestamp }),
  };
  const set = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  return { data: message, messageId: textOf(message['messageId']) ?? `test-${newId()}`, ...set };
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;
