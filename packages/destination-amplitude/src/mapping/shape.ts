import { limits, type AmplitudeEvent } from '../vendor.js';

const checked = ['event_properties', 'user_properties', 'group_properties', 'groups'] as const;

/**
 * What Amplitude refuses in the shape of properties: arrays of arrays, and objects too deep, for which it refuses the
 * request without saying which event it was.
 */
export function shapeProblemOf(event: AmplitudeEvent): string | undefined {
  for (const field of checked) {
    const problem = problemOf(event[field], field, 2);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function problemOf(value: unknown, path: string, depth: number): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth > limits.depth)
    return `${path.split('.').slice(0, 2).join('.')} is nested deeper than ${limits.depth} levels.`;
  for (const [key, member] of Object.entries(value)) {
    if (Array.isArray(value) && Array.isArray(member)) return `${path} is an array of arrays.`;
    const problem = problemOf(member, `${path}.${key}`, depth + 1);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
