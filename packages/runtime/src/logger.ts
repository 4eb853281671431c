import { pino, type DestinationStream, type Logger } from 'pino';
import type { LogLevel } from './environment.js';

/** JSON lines on stdout, or into a stream of yours. Written at once: the last line before a crash is there. */
export function createLogger(level: LogLevel = 'info', stream?: DestinationStream): Logger {
  const options = { level, timestamp: pino.stdTimeFunctions.isoTime };
  return stream ? pino(options, stream) : pino(options);
}
