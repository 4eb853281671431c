/** Takes what waited behind others: one search at a time, and one more for whatever was asked for meanwhile. */
export class Followers {
  readonly #search: () => Promise<void>;
  #asked = false;
  #searching: Promise<void> | undefined;

  /** @param search never rejects. */
  constructor(search: () => Promise<void>) {
    this.#search = search;
  }

  /** Something has ended: what waited behind it may come. */
  look(): void {
    this.#asked = true;
    this.#searching ??= this.#searchAll().finally(() => (this.#searching = undefined));
  }

  /** Resolves when nothing is searched for. */
  async ended(): Promise<void> {
    await this.#searching;
  }

  async #searchAll(): Promise<void> {
    while (this.#asked) {
      this.#asked = false;
      await this.#search();
    }
  }
}
