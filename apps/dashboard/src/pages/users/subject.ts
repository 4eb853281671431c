/**
 * What a receipt calls an id: its SHA-256 in hex.
 * @returns undefined where the browser does not offer cryptography, as on pages that came over plain HTTP from another machine.
 */
export async function subjectOf(id: string): Promise<string | undefined> {
  // Typed as if it were always there.
  const subtle = (globalThis.crypto as Partial<Crypto> | undefined)?.subtle;
  if (!subtle) return undefined;
  const digest = await subtle.digest('SHA-256', new TextEncoder().encode(id));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
