import { Cron } from 'croner';

/** Times at which something is due. */
export interface Recurrence {
  /** The first time after `after`; undefined when there is none. */
  next(after: Date): Date | undefined;
}

const EVERY = /^@every (\d+(?:\.\d+)?)(ms|s|m|h|d)$/;
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Reads `@every 20s`, `@daily` and the other nicknames, or a cron pattern of five or six fields, in UTC.
 * `@every` counts from the Unix epoch, so that every process names the same times.
 * @returns undefined when the text is none of these.
 */
export function parseSchedule(text: string): Recurrence | undefined {
  const every = EVERY.exec(text.trim());
  if (every) {
    const ms = Number(every[1]) * (UNIT_MS[every[2] ?? ''] ?? 0);
    return ms >= 1 ? { next: (after) => new Date((Math.floor(after.getTime() / ms) + 1) * ms) } : undefined;
  }
  try {
    const cron = new Cron(text.trim(), { timezone: 'UTC', paused: true });
    return { next: (after) => cron.nextRun(after) ?? undefined };
  } catch {
    return undefined;
  }
}
