/** Where one item of a batch stands in the body, in bytes, and how deep it nests. */
export interface ItemSpan {
  readonly start: number;
  readonly end: number;
  readonly depth: number;
}

export interface Scan {
  /** Deepest nesting anywhere. */
  readonly depth: number;
  /** Deepest nesting outside the items of a batch. */
  readonly outside: number;
  /** The items of the top-level array `batch`; undefined when the text leaves doubt which that is. */
  readonly items: readonly ItemSpan[] | undefined;
}

/** Envelope and array, which stand around a batch's items. */
export const BATCH_LEVELS = 2;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Can this JSON text nest deeper than `depth`? Not with fewer brackets than that, which is nearly always the case and
 * costs next to nothing to find out.
 */
export function mayBeDeeper(text: string, depth: number): boolean {
  let openers = 0;
  for (const bracket of ['{', '[']) {
    for (let at = text.indexOf(bracket); at >= 0; at = text.indexOf(bracket, at + 1)) {
      openers += 1;
      if (openers > depth) return true;
    }
  }
  return false;
}

/**
 * Finds nesting and the boundaries of a batch's items in one pass, without recursion, before anything is parsed.
 * Gives a sound answer for JSON; for anything else it ends and gives some answer.
 *
 * @param latin1 the body with one character per byte: all that matters here is ASCII, and UTF-8 hides none in it.
 */
export function scan(latin1: string): Scan {
  return new Scanner(latin1).run();
}

class Scanner {
  readonly #text: string;
  #depth = 0;
  #deepest = 0;
  #outside = 0;
  #keyStart = 0;
  #keyEnd = 0;
  #batchIsNext = false;
  #inItems = false;
  #itemStart = 0;
  #itemDepth = 0;
  #doubtful = false;
  #items: ItemSpan[] | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  run(): Scan {
    const text = this.#text;
    for (let at = 0; at < text.length; at += 1) {
      const char = text.charCodeAt(at);
      if (char === QUOTE) at = this.#skipString(at);
      else if (char === OPEN_OBJECT || char === OPEN_ARRAY) this.#open(char, at);
      else if (char === CLOSE_OBJECT || char === CLOSE_ARRAY) this.#close(at);
      else if (char === COMMA) this.#comma(at);
      else if (char === COLON && this.#depth === 1) this.#colon();
    }
    return { depth: this.#deepest, outside: this.#outside, items: this.#doubtful ? undefined : this.#items };
  }

  /** Returns the place of the closing quote, or the end of the text. */
  #skipString(open: number): number {
    const text = this.#text;
    let close = text.indexOf('"', open + 1);
    while (close > 0 && this.#isEscaped(close)) close = text.indexOf('"', close + 1);
    if (close < 0) return text.length;
    this.#keyStart = open + 1;
    this.#keyEnd = close;
    return close;
  }

  #isEscaped(at: number): boolean {
    let before = at - 1;
    while (this.#text.charCodeAt(before) === BACKSLASH) before -= 1;
    return (at - before) % 2 === 0;
  }

  /** The string before a colon is a key. One that is written with escapes might be `batch` too. */
  #colon(): void {
    const key = this.#text.slice(this.#keyStart, this.#keyEnd);
    this.#batchIsNext = key === 'batch';
    if (key.includes('\\')) this.#doubtful = true;
  }

  #open(char: number, at: number): void {
    this.#depth += 1;
    if (this.#depth > this.#deepest) this.#deepest = this.#depth;
    if (this.#inItems) {
      if (this.#depth - BATCH_LEVELS > this.#itemDepth) this.#itemDepth = this.#depth - BATCH_LEVELS;
      return;
    }
    if (this.#depth > this.#outside) this.#outside = this.#depth;
    if (this.#batchIsNext && this.#depth === BATCH_LEVELS && char === OPEN_ARRAY) {
      // Of two members with one name, the last counts.
      this.#items = [];
      this.#inItems = true;
      this.#startItem(at);
    }
  }

  #close(at: number): void {
    if (this.#inItems && this.#depth === BATCH_LEVELS) {
      this.#endItem(at);
      this.#inItems = false;
    }
    this.#depth -= 1;
  }

  #comma(at: number): void {
    if (this.#depth === 1) this.#batchIsNext = false;
    else if (this.#inItems && this.#depth === BATCH_LEVELS) {
      this.#endItem(at);
      this.#startItem(at);
    }
  }

  #startItem(before: number): void {
    this.#itemStart = before + 1;
    this.#itemDepth = 0;
  }

  #endItem(after: number): void {
    let start = this.#itemStart;
    let end = after;
    while (start < end && isSpace(this.#text.charCodeAt(start))) start += 1;
    while (end > start && isSpace(this.#text.charCodeAt(end - 1))) end -= 1;
    // Nothing between the brackets: the array is empty.
    if (end > start) this.#items?.push({ start, end, depth: this.#itemDepth });
  }
}

function isSpace(char: number): boolean {
  return char === 0x20 || char === 0x0a || char === 0x0d || char === 0x09;
}
