import { useRef, useState, type ReactNode } from 'react';
import { useDestinations, useSources } from '../api/queries.js';
import { Button } from '../components/button.js';
import { useKeys } from '../components/keys.js';
import { usePreferences } from '../components/preferences.js';
import { formatSecond, instantOf } from '../format/instant.js';
import { fieldOf, MESSAGE_TYPES, STATUSES, type FilterField, type FilterName } from './fields.js';
import { filterEntries, type Filters } from './filters.js';
import { useFilters } from './use-filters.js';

interface FilterBarProps {
  /** What the search field looks for; the first is chosen at the start. */
  readonly search: readonly FilterName[];
  /** What can be added beside it. */
  readonly fields: readonly FilterName[];
  /** At the right end. */
  readonly children?: ReactNode;
}

/** Search field, chips of the filters that are set, and a menu to add more. `/` goes to the search. */
export function FilterBar({ search, fields, children }: FilterBarProps) {
  const { filters, add, remove, clear } = useFilters();
  const [adding, setAdding] = useState<FilterName>();
  return (
    <div className="filters" role="search">
      <div className="filter-row">
        <SearchField names={search} onSearch={add} />
        <select
          className="filter-add"
          aria-label="Add a filter"
          value=""
          onChange={({ target }) => setAdding(target.value as FilterName)}
        >
          <option value="">+ Filter</option>
          {fields.map((name) => (
            <option key={name} value={name}>
              {fieldOf(name).label}
            </option>
          ))}
        </select>
        {children && <div className="filter-end">{children}</div>}
      </div>
      {adding && (
        <FilterInput
          key={adding}
          name={adding}
          onCancel={() => setAdding(undefined)}
          onAdd={(value) => {
            add(adding, value);
            setAdding(undefined);
          }}
        />
      )}
      <Chips filters={filters} onRemove={remove} onClear={clear} />
    </div>
  );
}

interface SearchFieldProps {
  readonly names: readonly FilterName[];
  readonly onSearch: (name: FilterName, value: string) => void;
}

function SearchField({ names, onSearch }: SearchFieldProps) {
  const [name, setName] = useState<FilterName>(names[0] ?? 'events.message_id');
  const [text, setText] = useState('');
  const input = useRef<HTMLInputElement>(null);
  useKeys({ '/': { label: 'Search', run: () => input.current?.focus() } });
  return (
    <form
      className="search"
      onSubmit={(event) => {
        event.preventDefault();
        const value = text.trim();
        if (value === '') return;
        onSearch(name, value);
        setText('');
      }}
    >
      <select
        aria-label="Search in"
        value={name}
        onChange={({ target }) => setName(target.value as FilterName)}
      >
        {names.map((each) => (
          <option key={each} value={each}>
            {fieldOf(each).label}
          </option>
        ))}
      </select>
      <input
        ref={input}
        type="search"
        aria-label={fieldOf(name).label}
        placeholder={`${fieldOf(name).label} is …   /`}
        value={text}
        spellCheck={false}
        autoComplete="off"
        onChange={({ target }) => setText(target.value)}
        onKeyDown={({ key }) => key === 'Escape' && input.current?.blur()}
      />
    </form>
  );
}

interface FilterInputProps {
  readonly name: FilterName;
  readonly onAdd: (value: string) => void;
  readonly onCancel: () => void;
}

const AGES: readonly (readonly [string, number])[] = [
  ['15 min ago', 900_000],
  ['1 h ago', 3_600_000],
  ['24 h ago', 86_400_000],
  ['7 d ago', 604_800_000],
];

/** Asks for the value of a filter in the way its kind wants. */
function FilterInput({ name, onAdd, onCancel }: FilterInputProps) {
  const field = fieldOf(name);
  const choices = useChoices(field);
  const [text, setText] = useState('');
  const { zone } = usePreferences();
  const value = field.kind === 'time' && text !== '' ? instantOf(text, zone).toISOString() : text.trim();
  return (
    <form
      className="filter-input"
      onSubmit={(event) => {
        event.preventDefault();
        if (value !== '') onAdd(value);
      }}
    >
      <span className="filter-input-label">
        {field.label}
        {field.kind === 'time' && zone === 'utc' && ' (UTC)'}
      </span>
      {choices.map((choice) => (
        <Button key={choice} size="small" onClick={() => onAdd(choice)}>
          {choice}
        </Button>
      ))}
      {field.kind === 'time' &&
        AGES.map(([label, ms]) => (
          <Button key={label} size="small" onClick={() => onAdd(new Date(Date.now() - ms).toISOString())}>
            {label}
          </Button>
        ))}
      {choices.length === 0 && (
        <>
          <input
            autoFocus
            aria-label={field.label}
            type={field.kind === 'time' ? 'datetime-local' : field.kind === 'count' ? 'number' : 'text'}
            min={field.kind === 'count' ? 0 : undefined}
            step={field.kind === 'time' ? 1 : undefined}
            value={text}
            onChange={({ target }) => setText(target.value)}
            onKeyDown={({ key }) => key === 'Escape' && onCancel()}
          />
          <Button size="small" type="submit" look="primary" disabled={value === ''}>
            Add
          </Button>
        </>
      )}
      <Button size="small" look="quiet" onClick={onCancel}>
        Cancel
      </Button>
    </form>
  );
}

function useChoices({ from, kind }: FilterField): readonly string[] {
  const sources = useSources();
  const destinations = useDestinations();
  if (kind === 'flag') return ['true', 'false'];
  switch (from) {
    case 'sources':
      return (sources.data?.data ?? []).map(({ name }) => name);
    case 'destinations':
      return (destinations.data?.data ?? []).map(({ name }) => name);
    case 'types':
      return MESSAGE_TYPES;
    case 'statuses':
      return STATUSES;
    default:
      return [];
  }
}

interface ChipsProps {
  readonly filters: Filters;
  /** Absent: the chips only show. */
  readonly onRemove?: (name: FilterName, value: string) => void;
  readonly onClear?: () => void;
}

/** The filters that are set. Without `onRemove` for showing only, as in an order. */
export function Chips({ filters, onRemove, onClear }: ChipsProps) {
  const { zone } = usePreferences();
  const entries = filterEntries(filters);
  if (entries.length === 0) return null;
  return (
    <ul className="chips" aria-label="Filters">
      {entries.map(([name, value]) => {
        const { label, kind } = fieldOf(name);
        const shown = kind === 'time' ? formatSecond(new Date(value), zone) : value;
        return (
          <li key={`${name} ${value}`} className="chip" title={`${label}: ${shown}`}>
            <span className="chip-name">{label}</span> <span className="chip-value">{shown}</span>
            {onRemove && (
              <button
                type="button"
                aria-label={`Remove ${label} ${value}`}
                onClick={() => onRemove(name, value)}
              >
                ×
              </button>
            )}
          </li>
        );
      })}
      {onClear && (
        <li>
          <Button size="small" look="quiet" onClick={onClear}>
            Clear all
          </Button>
        </li>
      )}
    </ul>
  );
}
