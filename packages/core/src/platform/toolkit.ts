import { uuidv7 } from 'uuidv7';
import type { Clock, Logger, Toolkit } from '../contracts/toolkit.js';

/** A new uuidv7; monotonic within the process, so ids of one commit are contiguous. */
export const newId = (): string => uuidv7();

/** The toolkit of one source or destination, for as long as `signal` lives. */
export const toolkit = (logger: Logger, clock: Clock, signal: AbortSignal): Toolkit => ({
  logger,
  clock,
  signal,
  newId,
});
