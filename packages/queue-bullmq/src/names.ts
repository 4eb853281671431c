/**
 * A name as part of a queue's name. BullMQ forbids `:` and we separate parts with `/`, so every UTF-16 unit outside
 * `A-Z a-z 0-9 _ . -` becomes `%` and four hex digits: two names never share a queue, and the name can be read back.
 */
export function encodeName(name: string): string {
  if (name === '') return '%';
  return name.replace(/[^A-Za-z0-9_.-]/g, (unit) => `%${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** What keeps the queues of one application apart from all others on the same broker. */
export function namespace(prefix: string, application: string | undefined): string {
  return application === undefined ? prefix : `${prefix}/${encodeName(application)}`;
}
