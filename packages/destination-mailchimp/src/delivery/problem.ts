import type { HttpAnswer } from '@fragment/http-client';
import { fieldsOf, isFields, textOf } from '../mapping/read.js';
import type { Problem } from '../vendor.js';

/** undefined for anything that is not a problem of the API: an HTML page, an empty body. */
export function problemOf(reply: HttpAnswer): Problem | undefined {
  const { title, detail, errors } = fieldsOf(reply.json);
  const named = textOf(title);
  if (named === undefined) return undefined;
  const list = Array.isArray(errors) ? errors.filter(isFields) : [];
  return {
    title: named,
    detail: textOf(detail) ?? '',
    errors: list.map(({ field, message }) => ({
      field: textOf(field) ?? '',
      message: textOf(message) ?? '',
    })),
  };
}

/** Mailchimp's own words, without the address: it stands in the event. */
export function sentence(words: string, address: string): string {
  return `Mailchimp refused the contact. ${words}`.replaceAll(address, 'The address');
}

export function wordsOf(problem: Problem | undefined): string {
  if (!problem) return 'It gave no reason.';
  const fields = problem.errors.map(({ field, message }) => `${field}: ${message}`).join('; ');
  return [`${problem.title}: ${problem.detail}`, fields].filter((part) => part !== '').join(' ');
}

/** The one refusal that heals: a guard of the address against floods of sign-ups. */
export const isTooManyLists = (words: string): boolean => /lots? of lists very recently/i.test(words);
