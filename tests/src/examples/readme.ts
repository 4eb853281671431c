/** What a README tells its reader to type, and what it says comes of it. */
export interface Told {
  /** One command a line, continued lines joined. */
  readonly commands: readonly string[];
  /** Patterns of what is printed; `...` in the README stands for anything. */
  readonly printed: readonly RegExp[];
}

/** @param addresses by the address that the README names, the one to use instead. */
export function readReadme(text: string, addresses: ReadonlyMap<string, string>): Told {
  const told = [...addresses].reduce((changed, [shown, real]) => changed.replaceAll(shown, real), text);
  return {
    commands: linesOf(told, 'sh'),
    printed: linesOf(told, 'text').map(patternOf),
  };
}

function linesOf(text: string, language: string): readonly string[] {
  const blocks = [...text.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\`$`, 'gm'))];
  return blocks.flatMap(([, block = '']) =>
    block
      .replace(/\\\n\s*/g, '')
      .split('\n')
      .filter((line) => line !== ''),
  );
}

function patternOf(line: string): RegExp {
  const parts = line.split(/ ?\.\.\. ?/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(parts.join('.*'), 's');
}
