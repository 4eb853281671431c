import type { Where } from '@fragment/core';
import { filterParameters, isList, schemaOf, type Parameter } from './parameters.js';
import { filtersOf } from './query.js';

/** One value where a query repeats a parameter is as good as a list of one. */
const bodySchemaOf = ({ kind }: Parameter): object => {
  if (kind === 'count') return { type: 'integer', minimum: 0, maximum: 999_999_999 };
  if (kind === 'flag') return { type: 'boolean' };
  return schemaOf[kind];
};

/** A filter in a body: the same names as in a query. */
export const whereSchema: object = {
  type: 'object',
  additionalProperties: false,
  properties: Object.fromEntries(
    Object.entries(filterParameters).map(([name, parameter]) => [name, bodySchemaOf(parameter)]),
  ),
};

/** Of an order. */
export const rateSchema: object = { type: 'number', exclusiveMinimum: 0, maximum: 100_000 };

/** The filter that a valid body holds. */
export function whereOf(given: unknown): Where {
  const values = Object.entries(given as Readonly<Record<string, unknown>>).map(([name, value]) => {
    const parameter = filterParameters[name];
    const isText = parameter !== undefined && isList(parameter.kind);
    return [name, isText ? value : String(value)];
  });
  return filtersOf(
    Object.fromEntries(values) as Record<string, string | readonly string[]>,
    filterParameters,
  );
}
