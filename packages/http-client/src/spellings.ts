/** Recognises secrets in whatever form a text shows them. */
export interface Spellings {
  readonly pattern: RegExp;
  /** Characters of the longest text that the pattern may match. */
  readonly longest: number;
}

/** A shorter piece of base64 stands in many a harmless text. */
const SHORTEST_PIECE = 8;
/** Characters of the longest spelling of one character: an emoji as two escapes in JSON in JSON in JSON. */
const LONGEST_SPELLING = 24;
/** JSON, and JSON in JSON in JSON, puts one, three or seven of these before a character. */
const ESCAPES = '\\\\';

const HTML_NAMES: Readonly<Record<string, string>> = {
  '&': 'amp',
  '<': 'lt',
  '>': 'gt',
  '"': 'quot',
  "'": 'apos',
};
const JSON_NAMES: Readonly<Record<string, string>> = {
  '\n': 'n',
  '\r': 'r',
  '\t': 't',
  '\b': 'b',
  '\f': 'f',
};

/**
 * The secrets as they stand in a header, a URL, a form, JSON (also JSON within JSON), an HTML page or base64, alone or as
 * a part of what was encoded. undefined when there are none.
 */
export function spellingsOf(secrets: readonly string[]): Spellings | undefined {
  const forms = [...new Set(secrets.filter((secret) => secret !== '').flatMap(formsOf))];
  if (forms.length === 0) return undefined;
  // The longest first: a secret may begin with another one.
  forms.sort((a, b) => b.length - a.length);
  return {
    pattern: new RegExp(forms.map(patternOf).join('|'), 'gu'),
    longest: Math.max(...forms.map(lengthOf)),
  };
}

function patternOf(form: string): string {
  return (form.match(/\\+|[^]/gu) ?? []).map(spellingOf).join('');
}

function formsOf(secret: string): string[] {
  const whole = [secret, `${secret}:`, `:${secret}`].map((text) => Buffer.from(text).toString('base64'));
  const forms = [...whole, ...base64Pieces(secret)];
  return [secret, ...forms, ...forms.map((form) => form.replaceAll('+', '-').replaceAll('/', '_'))];
}

/**
 * What base64 makes of the secret amidst other text: by its place there are three ways. The outer characters hold bits of
 * their neighbours and are left out.
 */
function base64Pieces(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [0, 1, 2]
    .map((before) => {
      const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
      return encoded.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
    })
    .filter((piece) => piece.length >= SHORTEST_PIECE);
}

/** A pattern for one character, or for a run of backslashes. Letters and digits are written as they are. */
function spellingOf(text: string): string {
  if (/^[A-Za-z0-9]$/.test(text)) return text;
  if (text.startsWith('\\')) return backslashes(text.length);
  const code = text.codePointAt(0) ?? 0;
  const bytes = [...Buffer.from(text)].map((byte) => hexOf(byte, 2));
  const units = Array.from({ length: text.length }, (_, at) => hexOf(text.charCodeAt(at), 4));
  const html = HTML_NAMES[text];
  const json = JSON_NAMES[text];
  const names = [
    `\\u{${code.toString(16)}}`,
    `&#(?:${code}|[xX]0{0,4}${hexOf(code, 1)});`,
    ...(html === undefined ? [] : [`&${html};`]),
  ];
  const spellings = [
    `${ESCAPES}{0,7}(?:${names.join('|')})`,
    units.map((unit) => `${ESCAPES}{1,7}u${unit}`).join(''),
    bytes.map((byte) => `%(?:25)?${byte}`).join(''),
    ...(json === undefined ? [] : [`${ESCAPES}{1,7}${json}`]),
    ...(text === ' ' ? ['\\+'] : []),
  ];
  return `(?:${spellings.join('|')})`;
}

/** As one pattern, since one of each would share out a long run in more ways than can be tried. */
function backslashes(count: number): string {
  return `(?:${ESCAPES}{${count},${8 * count}}|(?:%(?:25)?5[cC]|&#92;){${count}})`;
}

/** Hexadecimal digits are written small or large. */
function hexOf(code: number, digits: number): string {
  const hex = code.toString(16).padStart(digits, '0');
  return hex.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
}

function lengthOf(form: string): number {
  return form.length + form.replace(/[A-Za-z0-9]/g, '').length * (LONGEST_SPELLING - 1);
}
