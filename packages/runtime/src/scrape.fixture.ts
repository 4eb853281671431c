/** One line of a scrape. */
export interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

/** Reads Prometheus's text format. */
export const seriesOf = (text: string): readonly Series[] =>
  text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name = '', labels = '', value = ''] = LINE.exec(line) ?? [];
      return {
        name,
        labels: Object.fromEntries(
          [...labels.matchAll(LABEL)].map(([, key, of]) => [key, of]),
        ) as Series['labels'],
        value: Number(value),
      };
    });

/** What an expression asks of one metric. */
export interface Selector {
  readonly name: string;
  /** Label, operator, value; a list of alternatives taken apart. */
  readonly matchers: readonly { readonly label: string; readonly values: readonly string[] }[];
}

const SELECTOR = /\b([a-z_]\w*)\s*\{([^}]*)\}|\b(fragment_\w+)\b/g;
const MATCHER = /(\w+)\s*(?:=~|!~|!=|=)\s*"([^"]*)"/g;

/** The metrics a PromQL expression names, and what it expects of their labels. Variables of a dashboard say nothing. */
export const selectorsOf = (expression: string): readonly Selector[] =>
  [...expression.matchAll(SELECTOR)].map(([, braced, inside = '', bare]) => ({
    name: braced ?? bare ?? '',
    matchers: [...inside.matchAll(MATCHER)].map(([, label = '', value = '']) => ({
      label,
      values: value.startsWith('$') ? [] : value.split('|'),
    })),
  }));

/** The labels that `by (...)` and `on (...)` name. */
export const groupingOf = (expression: string): readonly string[] =>
  [...expression.matchAll(/\b(?:by|on)\s*\(([^)]*)\)/g)].flatMap(([, list = '']) =>
    list.split(',').map((label) => label.trim()),
  );
