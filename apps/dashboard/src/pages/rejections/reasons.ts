import type { Rejection } from '../../api/types.js';

/** Rejections that are alike. */
export interface Reason {
  readonly source: string;
  readonly trigger: string;
  readonly code: string;
  readonly count: number;
}

/** Where and why, most frequent first; ties in the order in which they came. */
export function reasonsOf(rejections: readonly Rejection[]): readonly Reason[] {
  const reasons = new Map<string, Reason>();
  for (const { source, trigger, code } of rejections) {
    const key = JSON.stringify([source, trigger, code]);
    reasons.set(key, { source, trigger, code, count: (reasons.get(key)?.count ?? 0) + 1 });
  }
  return [...reasons.values()].sort((a, b) => b.count - a.count);
}
