/** A line, and the mark above which it belongs: `// fragment:<slot>`, in some files `# fragment:<slot>`. */
export interface SlotLine {
  readonly slot: string;
  readonly line: string;
}

/**
 * Adds lines above their marks, as far in as the marks are. undefined when a mark is missing: then none is added.
 * A line of several is given with its inner lines indented already.
 */
export function addLines(text: string, lines: readonly SlotLine[]): string | undefined {
  let result = text;
  for (const { slot, line } of lines) {
    const mark = new RegExp(`^([ \\t]*)(?://|#) fragment:${slot}\\b.*$`, 'm').exec(result);
    if (!mark) return undefined;
    const [, indent = ''] = mark;
    const added = line.split('\n').map((one) => `${indent}${one}\n`);
    result = result.slice(0, mark.index) + added.join('') + result.slice(mark.index);
  }
  return result;
}

/**
 * Adds a name to the import from a module where that is one line, else a line of its own for the mark `imports`. Nothing
 * where the file has the name already.
 */
export function addImport(text: string, name: string, module: string): { text: string; lines: SlotLine[] } {
  if (new RegExp(`\\b${name}\\b`).test(text)) return { text, lines: [] };
  const found = new RegExp(`^import \\{ ([^}\\n]+) \\} from '${module}';$`, 'm').exec(text);
  if (!found) return { text, lines: [{ slot: 'imports', line: `import { ${name} } from '${module}';` }] };
  const names = [...(found[1] ?? '').split(/,\s*/), name].sort();
  const line = `import { ${names.join(', ')} } from '${module}';`;
  return { text: text.replace(found[0], () => line), lines: [] };
}
