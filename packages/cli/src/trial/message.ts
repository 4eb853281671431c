import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { FragmentError, newId, type Extraction, type JsonObject } from '@fragment/core';

/** @throws {FragmentError} FRAGMENT_CLI_USAGE when it cannot be read or is no JSON object */
export async function readMessage(file: string): Promise<JsonObject> {
  const problem = (detail: string): FragmentError =>
    new FragmentError('FRAGMENT_CLI_USAGE', { detail: `--event: ${detail}` });
  let content: string;
  try {
    content = file === '-' ? await text(process.stdin) : await readFile(file, 'utf8');
  } catch {
    throw problem(`${file} cannot be read.`);
  }
  let message: unknown;
  try {
    message = JSON.parse(content);
  } catch {
    throw problem(`${file} is not JSON.`);
  }
  if (typeof message === 'object' && message !== null && !Array.isArray(message))
    return message as JsonObject;
  throw problem(`${file} must hold one JSON object.`);
}

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
