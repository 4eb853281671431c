import { FragmentError } from '@fragment/core';

/**
 * Parameters in PostgreSQL's binary array format. JSON texts need no escaping on this side and no unescaping on the
 * other, which is why the hot statements take whole columns this way.
 */
export interface ElementType<T> {
  /** The name for a cast: `$1::text[]`. */
  readonly sql: string;
  /** The type's number in every PostgreSQL. */
  readonly oid: number;
  readonly prepare?: (value: T) => T;
  readonly size: (value: T) => number;
  readonly write: (buffer: Buffer, offset: number, value: T) => void;
}

const HEADER_BYTES = 20;
const NULL_LENGTH = -1;
const POSTGRES_EPOCH_MS = Date.UTC(2000, 0, 1);
const TWO_TO_32 = 2 ** 32;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export const isUuid = (text: unknown): text is string => typeof text === 'string' && UUID.test(text);

const refuse = (detail: string): never => {
  throw new FragmentError('FRAGMENT_INGEST_EVENT_REFUSED', { detail });
};

/** Text as it is; lone surrogates become U+FFFD by encoding to UTF-8, a raw NUL is the database's to refuse. */
export const text: ElementType<string> = {
  sql: 'text',
  oid: 25,
  size: (value) => Buffer.byteLength(value),
  write: (buffer, offset, value) => void buffer.write(value, offset, 'utf8'),
};

/** PostgreSQL's text holds no NUL: U+FFFD takes its place. */
export const withoutNul = (value: string): string =>
  value.includes('\0') ? value.replaceAll('\0', '\uFFFD') : value;

/** Text of a column that people filter by: never refused. */
export const label: ElementType<string> = { ...text, prepare: withoutNul };

export const uuid: ElementType<string> = {
  sql: 'uuid',
  oid: 2950,
  size: () => 16,
  write: (buffer, offset, value) => {
    if (!isUuid(value)) refuse('An id is not a uuid.');
    buffer.write(value.replaceAll('-', ''), offset, 'hex');
  },
};

export const timestamp: ElementType<Date> = {
  sql: 'timestamptz',
  oid: 1184,
  size: () => 8,
  write: (buffer, offset, value) => {
    const micros = (value.getTime() - POSTGRES_EPOCH_MS) * 1000;
    if (Number.isNaN(micros)) refuse('A time is not a valid date.');
    const high = Math.floor(micros / TWO_TO_32);
    buffer.writeInt32BE(high, offset);
    buffer.writeUInt32BE(micros - high * TWO_TO_32, offset + 4);
  },
};

export const smallint: ElementType<number> = {
  sql: 'smallint',
  oid: 21,
  size: () => 2,
  write: (buffer, offset, value) => {
    if (!Number.isInteger(value) || value < -32_768 || value > 32_767) refuse('A number is out of range.');
    buffer.writeInt16BE(value, offset);
  },
};

export const integer: ElementType<number> = {
  sql: 'integer',
  oid: 23,
  size: () => 4,
  write: (buffer, offset, value) => void buffer.writeInt32BE(value, offset),
};

export const bigint: ElementType<bigint> = {
  sql: 'bigint',
  oid: 20,
  size: () => 8,
  write: (buffer, offset, value) => void buffer.writeBigInt64BE(BigInt.asIntN(64, value), offset),
};

export const float: ElementType<number> = {
  sql: 'float8',
  oid: 701,
  size: () => 8,
  write: (buffer, offset, value) => void buffer.writeDoubleBE(value, offset),
};

/**
 * One array parameter.
 * @throws {FragmentError} FRAGMENT_INGEST_EVENT_REFUSED for a value its type cannot hold.
 */
export function array<T>(type: ElementType<T>, values: readonly (T | null | undefined)[]): Buffer {
  const prepared: (T | null)[] = new Array<T | null>(values.length);
  let bytes = HEADER_BYTES;
  let nulls = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? null;
    const ready = value === null || type.prepare === undefined ? value : type.prepare(value);
    prepared[i] = ready;
    bytes += 4;
    if (ready === null) nulls = 1;
    else bytes += type.size(ready);
  }
  const buffer = Buffer.allocUnsafe(bytes);
  buffer.writeInt32BE(1, 0);
  buffer.writeInt32BE(nulls, 4);
  buffer.writeInt32BE(type.oid, 8);
  buffer.writeInt32BE(values.length, 12);
  buffer.writeInt32BE(1, 16);
  let offset = HEADER_BYTES;
  for (const value of prepared) {
    const length = value === null ? NULL_LENGTH : type.size(value);
    buffer.writeInt32BE(length, offset);
    offset += 4;
    if (value === null) continue;
    type.write(buffer, offset, value);
    offset += length;
  }
  return buffer;
}
