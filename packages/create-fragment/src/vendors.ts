import { VENDORS, type Vendor } from '@fragment/scaffold';

/** The destinations that a list with commas names, and the first of its words that names none. */
export function vendorsIn(text: string): { readonly known: readonly Vendor[]; readonly unknown?: string } {
  const words = [...new Set(text.split(',').map((word) => word.trim()))].filter((word) => word !== '');
  const known = VENDORS.filter((vendor) => words.includes(vendor));
  const unknown = words.find((word) => !VENDORS.some((vendor) => vendor === word));
  return { known, ...(unknown !== undefined && { unknown }) };
}
