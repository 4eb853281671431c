import { readFileSync } from 'node:fs';

const page = readFileSync(new URL('../../../docs/sdks.md', import.meta.url), 'utf8');

/** Where the snippets send to, and with which key; a test puts its own in their place. */
const placeholders = { gateway: 'http://127.0.0.1:9090', writeKey: 'YOUR_WRITE_KEY' };

export interface Target {
  readonly gateway: string;
  readonly writeKey: string;
}

/** The first block of code below a heading of docs/sdks.md, sending to another place. */
export function snippet(heading: string, { gateway, writeKey }: Target): string {
  const section = page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`));
  const code = section === undefined ? undefined : /^```\w+\n(.*?)^```$/ms.exec(section)?.[1];
  if (code === undefined) throw new Error(`docs/sdks.md has no code below "${heading}".`);
  return code.replaceAll(placeholders.gateway, gateway).replaceAll(placeholders.writeKey, writeKey);
}

/** Headings of docs/sdks.md whose section says that it is untried. */
export const untried: readonly string[] = page
  .split(/^## /m)
  .slice(1)
  .filter((text) => /^[*_]Untried/m.test(text))
  .map((text) => text.slice(0, text.indexOf('\n')));
