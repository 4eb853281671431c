import { FragmentError, type Validation } from '@fragment/core';
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import { configurationSchema } from './configuration-schema.js';
import type { FragmentOptions } from './options.js';
import { unknownOptions } from './unknown-options.js';

/**
 * The options that a `fragment.config.json` says.
 * @throws {FragmentError} FRAGMENT_CONFIG_INVALID with everything that is wrong with them; never with a value.
 */
export function jsonOptions(document: object): FragmentOptions {
  const entries = Object.entries(document).filter(([name]) => name !== '$schema');
  const options = Object.fromEntries(entries) as FragmentOptions;
  const valid = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(configurationSchema());
  // Names that do not exist are told with the ones that were probably meant.
  const unknown = unknownOptions(options);
  const known = new Set(unknown.map(({ path }) => path.join('.')));
  const others = (valid(document) ? [] : (valid.errors ?? [])).map(problemOf);
  const validations = [...unknown, ...others.filter(({ path }) => !known.has(path.join('.')))];
  if (validations.length > 0) throw new FragmentError('FRAGMENT_CONFIG_INVALID', { validations });
  return options;
}

function problemOf({ instancePath, keyword, params, message }: ErrorObject): Validation {
  const path = instancePath.split('/').slice(1);
  if (keyword !== 'additionalProperties')
    return { path, message: `${path.join('.')} ${message ?? 'is wrong'}` };
  const name = String((params as { readonly additionalProperty: unknown }).additionalProperty);
  return {
    path: [...path, name],
    message: `${[...path, name].join('.')} wants fragment.config.ts: JSON cannot say it`,
  };
}
