/**
 * Takes comments out of a generated file. They stand on lines of their own in every template. The marks at which the
 * generators add lines stay.
 */
export function withoutComments(path: string, text: string): string {
  if (/\.(ts|js)$/.test(path))
    return tidy(text.replace(/^[ \t]*\/\*\*?[\s\S]*?\*\/\n/gm, '').replace(LINE, ''));
  if (path.endsWith('.sql')) return tidy(text.replace(/^--.*\n/gm, ''));
  if (/(^|\/)\.env\.example$|\.ya?ml$|^\.gitignore$/.test(path)) return tidy(text.replace(HASH, ''));
  return text;
}

const LINE = /^[ \t]*\/\/(?! fragment:).*\n/gm;
/** A variable that is commented out is an example, not a comment. */
const HASH = /^[ \t]*#(?! fragment:|[A-Z_]+=).*\n/gm;

const tidy = (text: string): string => text.replace(/\n{3,}/g, '\n\n').replace(/^\n+/, '');
