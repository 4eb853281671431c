import type { JsonValue } from '@fragment/core';

type Message = Readonly<Record<string, unknown>>;

/** Fills a template with one message. undefined stands for a field that the message does not have. */
export type Template = (message: Message) => unknown;

/** Says what is wrong at a place within the template. */
export type ReportFault = (path: readonly string[], problem: string) => void;

/**
 * Prepares a JSON value whose texts may name fields of the message: `{{properties.total}}`, `{{.}}` for all of it. A text
 * that is nothing but a name becomes the value with its type, and is left out where there is none; in a longer text it
 * becomes text. Only the message's own fields are found, and nothing is evaluated.
 */
export function compileTemplate(
  template: JsonValue,
  fault: ReportFault,
  path: readonly string[] = [],
): Template {
  if (typeof template === 'string') return compileText(template, (problem) => fault(path, problem));
  if (isList(template)) {
    const items = template.map((item, at) => compileTemplate(item, fault, [...path, String(at)]));
    return (message) => items.map((item) => item(message));
  }
  if (typeof template === 'object' && template !== null) {
    const fields = Object.entries(template).map(
      ([key, value]) => [key, compileTemplate(value, fault, [...path, key])] as const,
    );
    return (message) => Object.fromEntries(fields.map(([key, field]) => [key, field(message)]));
  }
  return () => template;
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function compileText(text: string, fault: (problem: string) => void): Template {
  const only = /^\{\{([^{}]*)\}\}$/.exec(text)?.[1];
  if (only !== undefined) return compileName(only.trim(), fault);
  // What stands between braces comes at every odd place.
  const parts = text.split(/\{\{([^{}]*)\}\}/).map((piece, at) => {
    if (at % 2 === 1) return compileName(piece.trim(), fault);
    if (piece.includes('{{')) fault('has a {{ that no name and }} follow');
    return () => piece;
  });
  return (message) => parts.map((part) => textOf(part(message))).join('');
}

function compileName(name: string, fault: (problem: string) => void): Template {
  if (name === '.') return (message) => message;
  const keys = name.split('.');
  if (keys.includes('')) fault(`names no field with {{${name}}}`);
  return (message) => keys.reduce<unknown>(fieldOf, message);
}

function fieldOf(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Message)[key];
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? '' : JSON.stringify(value);
}
