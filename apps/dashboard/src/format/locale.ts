/**
 * How times and numbers are written, here and nowhere else: a page in another language changes this, and the words of the
 * formats beside it. Dates in full stay year, month, day in every language, so that they sort and can be searched for.
 * English as Europe writes it: 31 Jan, 4.1M, CET.
 */
export const LOCALE = 'en-150';
