import type { IncomingMessage } from 'node:http';
import { FragmentError, type Validation } from '@fragment/core';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { parseInstant } from './instant.js';

const MAX_BYTES = 256 * 1024;

export type Body = Readonly<Record<string, unknown>>;

/** Makes the readers of the endpoints' bodies, each schema compiled when it is first needed. */
export function bodyReaders(): (schema: object) => (req: IncomingMessage) => Promise<Body> {
  const ajv = new Ajv({
    allErrors: true,
    strictRequired: false,
    formats: { instant: (text: string) => parseInstant(text) !== undefined },
  });
  const compiled = new Map<object, ValidateFunction>();
  return (schema) => {
    const validate = compiled.get(schema) ?? ajv.compile(schema);
    compiled.set(schema, validate);
    return async (req) => {
      const value = parsed(await textOf(req));
      if (validate(value)) return value as Body;
      throw new FragmentError('FRAGMENT_ADMIN_BODY_INVALID', {
        validations: problemsOf(validate.errors ?? []),
      });
    };
  };
}

/**
 * JSON only: a form of another site's page cannot say that it sends JSON without asking first. A host's body parser may
 * have read it already.
 */
async function textOf(req: IncomingMessage & { readonly body?: unknown }): Promise<string> {
  const type = req.headers['content-type'];
  const length = Number(req.headers['content-length'] ?? 0);
  if (req.body !== undefined && req.readableDidRead) return JSON.stringify(req.body);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req) {
    size += (chunk as Buffer).length;
    if (size > MAX_BYTES || length > MAX_BYTES) throw refused(`The body has more than ${MAX_BYTES} bytes.`);
    chunks.push(chunk as Buffer);
  }
  const text = Buffer.concat(chunks).toString();
  if (text !== '' && !/^application\/json\b/i.test(type ?? ''))
    throw refused('Send the body as application/json.');
  return text;
}

function parsed(text: string): unknown {
  if (text === '') return {};
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw refused('The body is not valid JSON.');
  }
}

const refused = (message: string): FragmentError =>
  new FragmentError('FRAGMENT_ADMIN_BODY_INVALID', { validations: [{ message, path: [] }] });

function problemsOf(errors: readonly ErrorObject[]): readonly Validation[] {
  return errors.map(({ instancePath, keyword, message = 'is not valid', params }) => {
    const names = params as { readonly additionalProperty?: string; readonly missingProperty?: string };
    const member = names.additionalProperty ?? names.missingProperty;
    const path = [...instancePath.split('/').slice(1), ...(member === undefined ? [] : [member])];
    const field = path.join('.') || 'the body';
    const said =
      keyword === 'additionalProperties'
        ? 'is not known here'
        : keyword === 'required'
          ? 'is missing'
          : message;
    return { message: `${field} ${said}`, path, field };
  });
}
