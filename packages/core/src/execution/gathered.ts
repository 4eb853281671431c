/** Puts what is added in one turn of the event loop into one write. */
export class Gathered<T> {
  readonly #write: (items: readonly T[]) => Promise<void>;
  readonly #writes: Promise<void>[] = [];
  #items: T[] = [];

  constructor(write: (items: readonly T[]) => Promise<void>) {
    this.#write = write;
  }

  add(items: readonly T[]): void {
    if (this.#items.length === 0) {
      const write = this.#soon();
      // It may fail long before `written` is asked: until then nobody listens, and that would end the process.
      write.catch(() => undefined);
      this.#writes.push(write);
    }
    this.#items.push(...items);
  }

  /** Resolves when everything that was added has been written; rejects as the first write that failed. */
  async written(): Promise<void> {
    await Promise.all(this.#writes);
  }

  async #soon(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    await this.#write(this.#items.splice(0));
  }
}
