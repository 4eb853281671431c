import { ROLES } from '../access/roles.js';
import type { Endpoint } from './endpoint.js';
import { isList, meaningOf, schemaOf, type Parameter } from './parameters.js';

const envelope = {
  type: 'object',
  required: ['statusCode', 'message'],
  properties: {
    statusCode: { type: 'integer' },
    message: { type: 'string' },
    meta: { type: 'object' },
    data: {},
  },
};
const failure = {
  type: 'object',
  required: ['statusCode', 'code', 'message', 'validations'],
  properties: {
    statusCode: { type: 'integer' },
    code: { type: 'string' },
    message: { type: 'string' },
    validations: {
      type: 'array',
      items: {
        type: 'object',
        required: ['message', 'path'],
        properties: {
          message: { type: 'string' },
          path: { type: 'array', items: { type: 'string' } },
          field: { type: 'string' },
        },
      },
    },
  },
};
const description = [
  `Roles: ${ROLES.join(' < ')}.`,
  'What people sent is shown as the redaction hook of the application leaves it, where it has one: `redacted` is then true of',
  'an event, a job, a transition, a rejection or a group of failures of which something is not shown as it is.',
].join(' ');
const json = (schema: object): object => ({ 'application/json': { schema } });

/** The description of the API (OpenAPI 3.1), made of the very schemas that its requests are checked with. */
export function openApiOf(endpoints: readonly Endpoint[], basePath: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const endpoint of endpoints) {
    const path = `${basePath}${endpoint.path.replace(/:([a-z_]+)/g, '{$1}')}`;
    paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: operationOf(endpoint) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Fragment admin API', version: '1', description },
    paths,
    components: {
      schemas: { Envelope: envelope, Failure: failure },
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    },
  };
}

function operationOf(endpoint: Endpoint): object {
  const inPath = [...endpoint.path.matchAll(/:([a-z_]+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const inQuery = Object.entries(endpoint.parameters ?? {}).map(([name, parameter]) =>
    queryParameter(name, parameter),
  );
  return {
    summary: endpoint.summary,
    operationId: operationId(endpoint),
    'x-role': endpoint.role,
    security: endpoint.role === 'open' ? [] : [{ token: [] }],
    parameters: [...inPath, ...inQuery],
    ...(endpoint.body ? { requestBody: { required: true, content: json(endpoint.body) } } : {}),
    responses: {
      '2XX': {
        description: 'Successful',
        content: endpoint.produces
          ? Object.fromEntries(endpoint.produces.map((type) => [type, {}]))
          : json({ $ref: '#/components/schemas/Envelope' }),
      },
      default: { description: 'What was wrong', content: json({ $ref: '#/components/schemas/Failure' }) },
    },
  };
}

const queryParameter = (name: string, { kind }: Parameter): object => ({
  name,
  in: 'query',
  description: meaningOf[kind],
  schema: schemaOf[kind],
  ...(isList(kind) ? { style: 'form', explode: true } : {}),
});

const operationId = ({ method, path }: Endpoint): string =>
  [method.toLowerCase(), ...path.replace('/api/', '').split(/[/.-]/)]
    .map((part) => part.replace(/^:/, 'by_'))
    .join('_');
