/** What an action makes its request from. */
export interface ActionMessage {
  /** The type of the Segment messages it is for; undefined for an action that only flows plan. */
  readonly type: string | undefined;
  /** The fields of the message that are sent, besides its ids and its time. */
  readonly fields: readonly string[];
  /** An example of them, as code. */
  readonly example: string;
}

const MESSAGES: Readonly<Record<string, Omit<ActionMessage, 'type'>>> = {
  identify: { fields: ['traits'], example: `traits: { email: 'ann@acme.io' }` },
  track: { fields: ['event', 'properties'], example: `event: 'Order Completed', properties: { total: 20 }` },
  page: { fields: ['name', 'properties'], example: `name: 'Home', properties: { path: '/' }` },
  screen: { fields: ['name', 'properties'], example: `name: 'Cart', properties: { items: 2 }` },
  group: { fields: ['groupId', 'traits'], example: `groupId: 'acme', traits: { plan: 'basic' }` },
  alias: { fields: ['previousId'], example: `previousId: 'anonymous-1'` },
};

/** An action with the name of a message type gets the messages of that type. */
export function messageOf(action: string): ActionMessage {
  const known = Object.hasOwn(MESSAGES, action) ? MESSAGES[action] : undefined;
  return known ? { type: action, ...known } : { type: undefined, fields: [], example: '' };
}
