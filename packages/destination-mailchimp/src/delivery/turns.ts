/**
 * At most `size` pieces of work at a time, and those of one key one after the other, first come first served. What is
 * written for one contact at once is answered 404, and an eleventh connection 429.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  readonly #last = new Map<string, Promise<unknown>>();
  #free: number;

  constructor(size: number) {
    this.#free = size;
  }

  /** Without a key the work waits for a place only. */
  run<T>(work: () => Promise<T>, key?: string): Promise<T> {
    if (key === undefined) return this.#inPlace(work);
    const before = this.#last.get(key) ?? Promise.resolve();
    const result = before.then(() => this.#inPlace(work));
    const ended: Promise<void> = result.then(
      () => this.#forget(key, ended),
      () => this.#forget(key, ended),
    );
    this.#last.set(key, ended);
    return result;
  }

  async #inPlace<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free += 1;
    }
  }

  #forget(key: string, ended: Promise<unknown>): void {
    if (this.#last.get(key) === ended) this.#last.delete(key);
  }
}
