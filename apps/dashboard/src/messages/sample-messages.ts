/** What a person sends to see whether a destination works: marked as a test wherever it arrives. */
const samples: Readonly<Record<string, object>> = {
  identify: { traits: { email: 'test@example.com', firstName: 'Test', lastName: 'User' } },
  track: { event: 'Fragment Test Event', properties: { test: true } },
  page: { name: 'Test Page', properties: { url: 'https://example.com/test' } },
  screen: { name: 'Test Screen', properties: { test: true } },
  group: { groupId: 'test-group', traits: { name: 'Test Group' } },
  alias: { previousId: 'test-anonymous' },
};

/** Types of messages that there is a sample of. */
export const SAMPLE_TYPES: readonly string[] = Object.keys(samples);

/** A message of that type, whole enough to be taken in. */
export const sampleMessage = (type: string): object => ({
  type,
  userId: 'fragment-test-user',
  ...samples[type],
});

export type ReadMessage =
  { readonly message: Readonly<Record<string, unknown>> } | { readonly problem: string };

/** Reads what was typed. */
export function readMessage(text: string): ReadMessage {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch (error) {
    return { problem: `This is not JSON: ${(error as SyntaxError).message}` };
  }
  if (typeof message !== 'object' || message === null || Array.isArray(message))
    return { problem: 'A message is a JSON object.' };
  const { type } = message as { readonly type?: unknown };
  if (typeof type !== 'string' || type === '')
    return { problem: 'A message needs a type, for instance "track".' };
  return { message: message as Readonly<Record<string, unknown>> };
}
