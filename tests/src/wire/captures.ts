import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

/** One request as a real SDK sent it. */
export interface Capture {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes of its body on the wire. */
  readonly rawLength: number;
  /** Decompressed and parsed. */
  readonly body: Fields | null;
}

export type Fields = Readonly<Record<string, unknown>>;

/** The keys the SDKs were given when their traffic was recorded. */
export const captureKeys = ['wk_capture', 'test-write-key'];

const directory = path.join(
  path.dirname(createRequire(import.meta.url).resolve('@fragment/source-rest/package.json')),
  'fixtures/wire',
);

/** What each SDK sent, by its name and version. */
export const captures: readonly (readonly [string, readonly Capture[]])[] = readdirSync(directory).map(
  (file) => [
    file.replace('.json', ''),
    JSON.parse(readFileSync(path.join(directory, file), 'utf8')) as readonly Capture[],
  ],
);

/** The body as it was on the wire; what a recording was compressed to is compressed anew. */
export function bytesOf({ headers, body }: Capture): Buffer {
  if (body === null) return Buffer.alloc(0);
  const fromPython = headers['user-agent']?.startsWith('analytics-python') === true;
  const text = fromPython ? pythonJson(body) : JSON.stringify(body);
  return headers['content-encoding'] === 'gzip' ? gzipSync(text) : Buffer.from(text);
}

/** Python puts a space after each comma and colon. */
function pythonJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(', ')}]`;
  const members = Object.entries(value).map(
    ([key, member]) => `${JSON.stringify(key)}: ${pythonJson(member)}`,
  );
  return `{${members.join(', ')}}`;
}

/** A message, and what its batch says beside it. */
export interface Sent {
  readonly item: Fields;
  readonly envelope: Fields;
}

/** The messages that a request carries. */
export function messagesOf({ body }: Capture): readonly Sent[] {
  if (body === null) return [];
  const { batch, ...envelope } = body;
  if (!Array.isArray(batch)) return [{ item: body, envelope: {} }];
  return (batch as readonly Fields[]).map((item) => ({ item, envelope }));
}
