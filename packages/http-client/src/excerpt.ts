import { StringDecoder } from 'node:string_decoder';
import { spellingsOf } from './spellings.js';

/** Bytes of an excerpt, as the store keeps it. */
const EXCERPT_BYTES = 4096;
/** Characters that are looked at for an excerpt: masking may shorten them. */
const WINDOW = 4 * EXCERPT_BYTES;
const MASK = '***';

/** Names whose values are masked in JSON (also JSON within a JSON string) and in form-encoded text. */
const NAMES =
  '(?:api|write|access|secret)[_-]?key|(?:access|refresh|id|auth)?[_-]?token|(?:client[_-]?)?secret|password|passwd|authorization';
// The value may be cut off: its closing quote is not asked for.
const JSON_VALUE = new RegExp(
  `(\\\\*"(?:${NAMES})\\\\*"\\s*:\\s*)(?:\\\\*"(?:[^"\\\\]|\\\\.)*|[\\w.+-]+)`,
  'gi',
);
const FORM_VALUE = new RegExp(`((?:^|[?&\\s])(?:${NAMES})=)[^&\\s]*`, 'gi');

export interface Masker {
  /** The whole text, secrets masked. */
  readonly mask: (text: string) => string;
  /** At most 4 KB of the text in UTF-8, secrets masked, fit for any database. */
  readonly excerpt: (text: string) => string;
}

/** Masks secrets, and values of names that tell a secret, before a text is shown or stored. */
export function createMasker(secrets: readonly string[]): Masker {
  const known = spellingsOf(secrets);

  const mask = (text: string): string =>
    (known ? text.replace(known.pattern, MASK) : text)
      .replace(JSON_VALUE, `$1"${MASK}`)
      .replace(FORM_VALUE, `$1${MASK}`);

  return {
    mask,
    excerpt(text) {
      const longest = known?.longest ?? 0;
      const head = text.slice(0, WINDOW + longest);
      let masked = mask(head);
      // A secret that the window cut in two was not recognised.
      if (head.length < text.length) masked = masked.slice(0, Math.max(0, masked.length - longest));
      return cutToBytes(masked.replaceAll('\0', '\ufffd'), EXCERPT_BYTES, head.length < text.length);
    },
  };
}

/** Cuts between characters and says so with an ellipsis. */
function cutToBytes(text: string, limit: number, alreadyCut: boolean): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= limit && !alreadyCut) return bytes.toString();
  return `${new StringDecoder('utf8').write(bytes.subarray(0, limit - 3))}…`;
}
