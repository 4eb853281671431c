/** The most the API takes. */
const MAX_PER_SECOND = 100_000;

export interface Rate {
  /** undefined: as fast as it goes. */
  readonly perSecond: number | undefined;
  readonly valid: boolean;
}

/** Reads a rate that was typed; nothing typed is no limit. */
export function readRate(text: string): Rate {
  if (text.trim() === '') return { perSecond: undefined, valid: true };
  const perSecond = Number(text);
  const valid = perSecond > 0 && perSecond <= MAX_PER_SECOND;
  return { perSecond: valid ? perSecond : undefined, valid };
}
