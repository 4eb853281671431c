import { useState, type ReactNode } from 'react';
import { JsonView, collapseAllNested, type Props as JsonViewProps } from 'react-json-view-lite';
import { CopyButton } from './copy-button.js';
import { RedactedBadge } from './notes.js';
import { Panel } from './page.js';
import { Tabs } from './tabs.js';

const style: NonNullable<JsonViewProps['style']> = {
  container: 'json',
  basicChildStyle: 'json-child',
  childFieldsContainer: 'json-children',
  label: 'json-label',
  clickableLabel: 'json-label json-clickable',
  nullValue: 'json-null',
  undefinedValue: 'json-null',
  stringValue: 'json-string',
  booleanValue: 'json-boolean',
  numberValue: 'json-number',
  otherValue: 'json-null',
  punctuation: 'json-punctuation',
  expandIcon: 'json-icon json-icon-expand',
  collapseIcon: 'json-icon json-icon-collapse',
  collapsedContent: 'json-collapsed',
  noQuotesForStringValues: false,
  quotesForFieldNames: false,
  stringifyStringValues: true,
  ariaLables: { collapseJson: 'Fold', expandJson: 'Unfold' },
};

/** Beyond this many members everything but the first two levels is folded, so that a big message opens at once. */
const OPEN_MEMBERS = 400;

/** A value as a tree that can be folded; `text` is what cannot be parsed and is shown as it is. */
export function Json({ value }: { readonly value: unknown }) {
  if (typeof value !== 'object' || value === null) return <pre className="raw">{textOf(value)}</pre>;
  const expand = membersOf(value) > OPEN_MEMBERS ? collapseAllNested : (level: number) => level < 6;
  return <JsonView data={value} style={style} shouldExpandNode={expand} clickToExpandNode />;
}

function membersOf(value: unknown): number {
  let members = 0;
  const open = [value];
  while (open.length > 0 && members <= OPEN_MEMBERS) {
    const next = open.pop();
    if (typeof next !== 'object' || next === null) continue;
    const children = Object.values(next) as unknown[];
    members += children.length;
    open.push(...children);
  }
  return members;
}

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value, null, 2);

interface JsonPanelProps {
  readonly title: string;
  readonly value: unknown;
  readonly actions?: ReactNode;
  /** It is not all there: the application hides something of it. */
  readonly redacted?: boolean;
}

/** A value pretty and raw, with a button that copies it. */
export function JsonPanel({ title, value, actions, redacted = false }: JsonPanelProps) {
  const [look, setLook] = useState('Pretty');
  const text = textOf(value);
  return (
    <Panel
      title={title}
      actions={
        <>
          {redacted && <RedactedBadge />}
          <Tabs label={`How to show ${title}`} names={['Pretty', 'Raw']} current={look} onChange={setLook} />
          <CopyButton text={text} />
          {actions}
        </>
      }
    >
      {look === 'Pretty' ? (
        <Json value={value} />
      ) : (
        <pre className="raw" tabIndex={0}>
          {text}
        </pre>
      )}
    </Panel>
  );
}

/** An excerpt of what went over the wire: as JSON where it is such, else as text. */
export function Excerpt({ text }: { readonly text: string }) {
  return <Json value={parsed(text)} />;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
