import { isFields } from '../vendors/shapes.js';

/** Adds to `problems` what is wrong with a value. */
type Check = (value: unknown, path: string, problems: string[]) => void;

const must =
  (met: (value: unknown) => boolean, what: string): Check =>
  (value, path, problems) => {
    if (!met(value)) problems.push(`${path} must be ${what}`);
  };

const text = must((value) => typeof value === 'string' && value !== '', 'a text');
const anyText = must((value) => typeof value === 'string', 'a text');
const flag = must((value) => typeof value === 'boolean', 'true or false');
const whole = must((value) => Number.isInteger(value) && Number(value) >= 0, 'a whole number');
const object = must(isFields, 'an object');
const anything: Check = () => undefined;
const oneOf = (...values: readonly string[]): Check =>
  must((value) => values.some((one) => one === value), `one of ${values.join(', ')}`);

const list =
  (item: Check, o: { readonly filled?: boolean } = {}): Check =>
  (value, path, problems) => {
    if (!Array.isArray(value)) problems.push(`${path} must be a list`);
    else if (o.filled && value.length === 0) problems.push(`${path} must not be empty`);
    else value.forEach((one, index) => item(one, `${path}[${index}]`, problems));
  };

const texts: Check = (value, path, problems) => {
  if (!isFields(value)) return void problems.push(`${path} must be an object`);
  for (const [key, one] of Object.entries(value)) anyText(one, `${path}.${key}`, problems);
};

/** An object with exactly these keys, since a misspelt one would be a check that never runs. */
const shape =
  (required: Readonly<Record<string, Check>>, optional: Readonly<Record<string, Check>>): Check =>
  (value, path, problems) => {
    if (!isFields(value)) return void problems.push(`${path} must be an object`);
    const known = new Map(Object.entries({ ...required, ...optional }));
    for (const key of Object.keys(required)) {
      if (!Object.hasOwn(value, key)) problems.push(`${path}.${key} is missing`);
    }
    for (const [key, one] of Object.entries(value)) {
      const check = known.get(key);
      if (check) check(one, `${path}.${key}`, problems);
      else problems.push(`${path}.${key} is not known here; known are ${[...known.keys()].join(', ')}`);
    }
  };

const mapping = shape({ to: text, from: text }, { note: text });
const request = shape({ method: text, path: text }, { query: texts, headers: texts, body: anything });
const answer = shape({}, { status: whole, headers: texts, json: anything, text: anyText, close: flag });
const outcome = shape(
  { outcome: oneOf('succeeded', 'failed', 'discarded') },
  {
    code: text,
    message: text,
    status: whole,
    retryAfterMs: whole,
    scope: oneOf('job', 'user', 'lane'),
    hold: oneOf('credentials'),
    countsAsAttempt: flag,
  },
);
const wholeCase = shape(
  { name: text, events: list(object, { filled: true }) },
  {
    maps: list(mapping, { filled: true }),
    answer: text,
    options: object,
    requests: list(request),
    answers: list(answer, { filled: true }),
    outcomes: list(outcome),
  },
);

/** What is wrong with one entry of a case file; empty when it is a `DestinationCase`. `path` begins each sentence. */
export function caseProblems(value: unknown, path: string): string[] {
  const problems: string[] = [];
  wholeCase(value, path, problems);
  if (problems.length === 0 && isFields(value)) problems.push(...contradictions(value, path));
  return problems;
}

/** Called once the shapes are right. */
function contradictions(value: Readonly<Record<string, unknown>>, path: string): string[] {
  const problems: string[] = [];
  const lengthOf = (key: string): number | undefined =>
    Array.isArray(value[key]) ? value[key].length : undefined;
  if (lengthOf('outcomes') !== undefined && lengthOf('outcomes') !== lengthOf('events'))
    problems.push(`${path}.outcomes must have one entry per event`);
  if (lengthOf('maps') !== undefined && lengthOf('requests') === 0)
    problems.push(`${path}.maps needs a request to point at`);
  for (const [index, one] of ((value['answers'] ?? []) as { status?: number; close?: boolean }[]).entries()) {
    if (one.status === undefined && one.close !== true)
      problems.push(`${path}.answers[${index}] needs a status, or close`);
  }
  return problems;
}
