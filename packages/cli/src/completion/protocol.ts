/**
 * The word by which a shell asks, `fragment __complete <n> [words...]`: what can the nth word after the name become? The
 * words before it follow, and it itself, unless it is empty, which some shells leave out.
 */
export const COMPLETE = '__complete';
