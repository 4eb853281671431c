import { optionTable, type OptionTable } from './option-table.js';
import { isGroup } from './unknown-options.js';

/** The JSON Schema of a `fragment.config.json`: what the table of the options says of those that JSON can say. */
export function configurationSchema(): object {
  const { properties, ...rest } = objectOf(optionTable);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'fragment.config.json',
    description:
      'The configuration of a Fragment application without code: sources and destinations want fragment.config.ts.',
    ...rest,
    properties: { $schema: { type: 'string', description: 'Where this schema is.' }, ...properties },
  };
}

interface ObjectSchema {
  readonly type: 'object';
  readonly additionalProperties: false;
  readonly properties: Readonly<Record<string, object>>;
}

function objectOf(table: OptionTable): ObjectSchema {
  const properties = Object.entries(table).flatMap(([name, row]) => {
    if (row === 'code') return [];
    return [[name, isGroup(row) ? { description: row.description, ...objectOf(row.options) } : row] as const];
  });
  return { type: 'object', additionalProperties: false, properties: Object.fromEntries(properties) };
}
