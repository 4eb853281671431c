import { FragmentError } from '@fragment/core';

const RETRY_AFTER_SECONDS = 5;

/** What may go on so many times at once. */
export class Places {
  readonly #most: number;
  readonly #told: string;
  #taken = 0;

  /** `told` says of whom there are so many: `streams are open`. */
  constructor(most: number, told: string) {
    this.#most = most;
    this.#told = told;
  }

  /**
   * @returns what gives the place back.
   * @throws {FragmentError} FRAGMENT_ADMIN_BUSY when there is none.
   */
  take(): () => void {
    if (this.#taken >= this.#most) {
      const detail = `${this.#most} ${this.#told}.`;
      throw new FragmentError('FRAGMENT_ADMIN_BUSY', { detail, retryAfterSeconds: RETRY_AFTER_SECONDS });
    }
    this.#taken += 1;
    return () => {
      this.#taken -= 1;
    };
  }
}
