import type { Clock, JsonValue, Logger } from '@fragment/core';
import { HIDDEN, type Redact, type ShownPart } from './redact.js';

const LOG_EVERY_MS = 60_000;

/** Asks the hook, and shows nothing of which it does not say how. */
export class Redactor {
  readonly #redact: Redact;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #loggedAt = Number.NEGATIVE_INFINITY;
  #unlogged = 0;

  constructor(redact: Redact, { clock, logger }: { readonly clock: Clock; readonly logger: Logger }) {
    this.#redact = redact;
    this.#clock = clock;
    this.#logger = logger;
  }

  text(text: string, part: ShownPart): string {
    const shown = this.#ask(text, part);
    return typeof shown === 'string' ? shown : HIDDEN;
  }

  /** JSON as text; the same text again where the hook has changed nothing. What is no JSON is a text. */
  json(text: string, part: ShownPart): string {
    let value: JsonValue;
    let before: string;
    try {
      value = JSON.parse(text) as JsonValue;
      before = JSON.stringify(value);
    } catch {
      return this.text(text, part);
    }
    const after = JSON.stringify(this.#ask(value, part));
    return after === before ? text : after;
  }

  #ask(value: JsonValue, part: ShownPart): JsonValue {
    try {
      const shown: unknown = this.#redact(value, part);
      if (isJson(shown) && (typeof value !== 'string' || typeof shown === 'string')) return shown;
      // Nobody else would catch what an asynchronous hook rejects with.
      if (shown instanceof Promise) shown.catch(() => undefined);
      this.#report(part, 'it did not answer with JSON, or not with a text for a text');
    } catch (error) {
      // Its message may hold what was to be hidden.
      this.#report(part, `it threw ${error instanceof Error ? error.name : typeof error}`);
    }
    return HIDDEN;
  }

  #report({ kind }: ShownPart, problem: string): void {
    this.#unlogged += 1;
    const now = this.#clock.now();
    if (now - this.#loggedAt < LOG_EVERY_MS) return;
    const fields = { kind, problem, hidden: this.#unlogged };
    this.#logger.error(fields, 'the redaction hook failed: what it was given is hidden');
    this.#loggedAt = now;
    this.#unlogged = 0;
  }
}

/** Only plain objects: others would say by methods of their own what they look like. */
function isJson(value: unknown): value is JsonValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object') return false;
  if (Array.isArray(value)) return value.every(isJson);
  const prototype: unknown = Object.getPrototypeOf(value);
  const isPlain = prototype === null || Object.getPrototypeOf(prototype) === null;
  // A member that is undefined is one left out.
  return isPlain && Object.values(value).every((member) => member === undefined || isJson(member));
}
