/** One fenced block of a page. */
export interface Block {
  readonly language: string;
  /** Where the reader saves it; absent for what is typed or printed. */
  readonly title?: string;
  readonly text: string;
}

/** The fenced blocks of a page, in order. */
export const blocksOf = (page: string): readonly Block[] =>
  [...page.matchAll(/^```(\w*)(?: title=(\S+))?\n(.*?)^```$/gms)].map(
    ([, language = '', title, text = '']) => ({ language, ...(title !== undefined && { title }), text }),
  );

/** The command lines of a block: comments go, lines that end in a backslash go on. */
export const commandsIn = ({ text }: Block): readonly string[] =>
  text
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => line.replace(/(^|\s+)# .*$/, '').trim())
    .filter((line) => line !== '');

/** What differs from run to run, by what stands for it. */
const VARYING: readonly (readonly [RegExp, string])[] = [
  [/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>'],
  [/\b\d\d:\d\d:\d\d\b/g, '<time>'],
  [/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<id>'],
  [/\b\d+ ms\b/g, '<duration>'],
  [/\(\d[\d.]* k?B\)/g, '<size>'],
  [/\s+/g, ' '],
];

const plain = (line: string): string =>
  VARYING.reduce((text, [pattern, mark]) => text.replace(pattern, mark), line).trim();

/** The first line of what a page shows that was not printed, in that order; undefined when all were. */
export function notPrinted(shown: string, printed: string): string | undefined {
  const lines = printed.split('\n').map(plain);
  for (const line of shown.split('\n').map(plain)) {
    if (line === '') continue;
    const at = lines.indexOf(line);
    if (at === -1) return line;
    lines.splice(0, at + 1);
  }
  return undefined;
}
