import type { AmplitudeEvent } from '../vendor.js';

/** The Amplitude events one message becomes, or why it can't become any. */
export type Mapped = { readonly events: readonly AmplitudeEvent[] } | { readonly invalid: string };

export const invalid = (sentence: string): Mapped => ({ invalid: sentence });
