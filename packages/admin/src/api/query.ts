import { FragmentError, nearest, type Page, type Validation, type Where } from '@fragment/core';
import { Ajv, type ErrorObject } from 'ajv';
import { parseInstant } from './instant.js';
import { filterParameters, isList, meaningOf, schemaOf, type Parameter } from './parameters.js';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 500;

/** A query that was understood: what to look for, which page of it, and both as the answer's `meta.where` tells them. */
export interface AdminQuery {
  readonly where: Where;
  readonly page: Page & { readonly limit: number; readonly offset: number };
  readonly applied: Readonly<Record<string, unknown>>;
  /** Of endpoints that ask for a span of time. */
  readonly range: { readonly from?: Date; readonly to?: Date; readonly step?: number };
  /** What was given, valid and by the names of the parameters. */
  readonly values: Readonly<Record<string, Value>>;
  /** Of exports. */
  readonly format: 'csv' | 'ndjson';
}

type Value = string | readonly string[];
type Parameters = Readonly<Record<string, Parameter>>;
export type QueryReader = (query: URLSearchParams) => AdminQuery;

/**
 * Makes the readers of the endpoints' queries, each table of parameters compiled when it is first asked for.
 * A reader throws FRAGMENT_ADMIN_QUERY_INVALID, naming every parameter it does not know or cannot use.
 */
export function queryReaders(): (parameters: Parameters) => QueryReader {
  const ajv = new Ajv({
    allErrors: true,
    formats: { instant: (text: string) => parseInstant(text) !== undefined },
  });
  const readers = new Map<Parameters, QueryReader>();
  return (parameters) => {
    const reader = readers.get(parameters) ?? queryReader(ajv, parameters);
    readers.set(parameters, reader);
    return reader;
  };
}

function queryReader(ajv: Ajv, parameters: Parameters): QueryReader {
  const properties = Object.entries(parameters).map(([name, { kind }]) => [name, schemaOf[kind]]);
  const validate = ajv.compile({
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(properties) as Record<string, object>,
  });
  return (query) => {
    const values = valuesOf(query, parameters);
    if (validate(values)) return understood(values, parameters);
    throw new FragmentError('FRAGMENT_ADMIN_QUERY_INVALID', {
      validations: problemsOf(validate.errors ?? [], parameters),
    });
  };
}

/** By parameter: an array where several may be given, or where one that is given once was repeated. */
function valuesOf(query: URLSearchParams, parameters: Parameters): Record<string, Value> {
  const entries = [...new Set(query.keys())].map((name): [string, Value] => {
    const all = query.getAll(name);
    const [only] = all;
    const parameter = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    return [
      name,
      parameter && !isList(parameter.kind) && all.length === 1 && only !== undefined ? only : all,
    ];
  });
  return Object.fromEntries(entries);
}

function problemsOf(errors: readonly ErrorObject[], parameters: Parameters): readonly Validation[] {
  const byName = new Map<string, Validation>();
  for (const error of errors) {
    const unknown = error.keyword === 'additionalProperties';
    const name = unknown
      ? String((error.params as { additionalProperty: unknown }).additionalProperty)
      : (error.instancePath.split('/')[1] ?? '');
    const parameter = parameters[name];
    const message =
      unknown || !parameter ? unknownMessage(name, parameters) : `${name} ${meaningOf[parameter.kind]}`;
    byName.set(name, { message, path: ['query', name], field: name });
  }
  return [...byName.values()];
}

function unknownMessage(name: string, parameters: Parameters): string {
  const names = Object.keys(parameters);
  if (names.length === 0) return `${name} is not known: there are no query parameters here`;
  const guess = nearest(name, names);
  return `${name} is not known; ${guess === undefined ? `there are ${names.join(', ')}` : `did you mean ${guess}?`}`;
}

function understood(values: Record<string, Value>, parameters: Parameters): AdminQuery {
  const where = filtersOf(values, parameters);
  const limit = Math.min(Number(values['limit'] ?? DEFAULT_LIMIT), MAX_LIMIT);
  const offset = Number(values['offset'] ?? 0);
  const cursor = values['cursor'] as string | undefined;
  return {
    where,
    page: { limit, offset, ...(cursor !== undefined && { cursor }) },
    applied: { ...appliedOf(where), ...(cursor === undefined ? { offset } : { cursor }), limit },
    range: rangeOf(values),
    values,
    format: values['format'] === 'ndjson' ? 'ndjson' : 'csv',
  };
}

function rangeOf(values: Record<string, Value>): AdminQuery['range'] {
  const timeOf = (name: string): Date | undefined => {
    const value = values[name];
    return typeof value === 'string' ? parseInstant(value) : undefined;
  };
  const [from, to] = [timeOf('from'), timeOf('to')];
  const step = values['step_ms'];
  return {
    ...(from && { from }),
    ...(to && { to }),
    ...(step !== undefined && { step: Number(step) }),
  };
}

/** The filter that values of parameters describe. */
export function filtersOf(values: Readonly<Record<string, Value>>, parameters: Parameters): Where {
  const filters: Record<'events' | 'jobs', Record<string, unknown>> = { events: {}, jobs: {} };
  for (const [given, value] of Object.entries(values)) {
    const name = parameters[given]?.aliasOf ?? given;
    const parameter = parameters[name];
    if (parameter?.field) filters[parameter.field.of][parameter.field.name] = typedValue(value, parameter);
  }
  return filters;
}

/** A filter under the names of its parameters. */
export function appliedOf(where: Where): Readonly<Record<string, unknown>> {
  const applied: Applied = {};
  for (const [name, { field }] of Object.entries(filterParameters)) {
    if (!field) continue;
    const value = (where[field.of] as Readonly<Record<string, unknown>> | undefined)?.[field.name];
    if (value !== undefined) placeOf(applied, name)[name] = value;
  }
  return applied;
}

interface Applied {
  [name: string]: unknown;
  jobs?: { [name: string]: unknown; transitions?: Record<string, unknown> };
}

/** The ancestor tells its filters nested: of events outside, of jobs below `jobs`, of status below its `transitions`. */
function placeOf(applied: Applied, name: string): Record<string, unknown> {
  if (!name.startsWith('jobs.')) return applied;
  applied.jobs ??= {};
  if (!/^jobs\.(status_|min_|max_)/.test(name)) return applied.jobs;
  applied.jobs.transitions ??= {};
  return applied.jobs.transitions;
}

function typedValue(value: Value, { kind }: Parameter): unknown {
  if (typeof value !== 'string') return value;
  if (kind === 'time') return parseInstant(value);
  if (kind === 'count') return Number(value);
  return kind === 'flag' ? value === 'true' : value;
}
