import type { HttpRoute } from '../contracts/source.js';

/** Every path of a route, the one to show first. */
export const pathsOf = ({ path }: HttpRoute): readonly string[] => (typeof path === 'string' ? [path] : path);
