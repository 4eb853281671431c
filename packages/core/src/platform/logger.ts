import type { Logger } from '../contracts/toolkit.js';

/** Says nothing: the default, because a library that is embedded does not write to its host's output. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
};

/** What a log line may say of an error: code and message, never what was being delivered. */
export function describeError(error: unknown): { code?: string; error: string } {
  if (!(error instanceof Error)) return { error: String(error) };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return { ...(code === undefined ? {} : { code }), error: error.message };
}
