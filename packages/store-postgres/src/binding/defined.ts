/** The same object without its null and undefined fields: what the database calls null, the contracts call absent. */
export function defined<T extends object>(fields: { readonly [K in keyof T]?: T[K] | null | undefined }): T {
  const result: Record<string, unknown> = {};
  for (const key in fields) {
    const value = fields[key];
    if (value !== null && value !== undefined) result[key] = value;
  }
  return result as T;
}
