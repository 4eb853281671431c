import { FragmentError } from '@fragment/core';

/** How many bytes of bodies the process holds at once, over all requests. */
export class ByteBudget {
  readonly #capacity: number;
  #held = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get held(): number {
    return this.#held;
  }

  hold(): ByteHold {
    return new ByteHold((bytes) => {
      if (bytes > 0 && this.#held + bytes > this.#capacity) return false;
      this.#held += bytes;
      return true;
    });
  }
}

/** What one request holds of the budget. */
export class ByteHold {
  readonly #change: (bytes: number) => boolean;
  #bytes = 0;

  constructor(change: (bytes: number) => boolean) {
    this.#change = change;
  }

  /** @throws {FragmentError} FRAGMENT_INGEST_OVERLOADED when the budget cannot give that much. */
  resize(bytes: number): void {
    if (!this.#change(bytes - this.#bytes)) {
      throw new FragmentError('FRAGMENT_INGEST_OVERLOADED', { retryAfterSeconds: 1 });
    }
    this.#bytes = bytes;
  }

  release(): void {
    this.#change(-this.#bytes);
    this.#bytes = 0;
  }
}
