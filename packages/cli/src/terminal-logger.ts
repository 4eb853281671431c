import type { Logger } from '@fragment/core';
import { createLogger, type LogLevel } from '@fragment/runtime';
import { build as prettyStream } from 'pino-pretty';
import { paintable } from './report-error.js';

/** For people on a terminal, JSON lines for everything else. */
export function terminalLogger(level: LogLevel, stream: NodeJS.WriteStream & { fd: number }): Logger {
  if (!stream.isTTY) return createLogger(level, stream);
  return createLogger(
    level,
    prettyStream({
      destination: stream.fd,
      sync: true,
      colorize: paintable(stream),
      singleLine: true,
      translateTime: 'SYS:HH:MM:ss',
      ignore: 'pid,hostname,application',
    }),
  );
}
