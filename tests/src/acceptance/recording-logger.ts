import type { Logger } from '@fragment/core';

export interface Line {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Keeps what is logged. */
export function recordingLogger(): { readonly logger: Logger; readonly lines: readonly Line[] } {
  const lines: Line[] = [];
  const withFields = (common: object): Logger => {
    const at =
      (level: Line['level']) =>
      (fields: object, message = ''): void =>
        void lines.push({ level, message, fields: { ...common, ...fields } });
    return {
      debug: at('debug'),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
      child: (fields) => withFields({ ...common, ...fields }),
    };
  };
  return { logger: withFields({}), lines };
}
