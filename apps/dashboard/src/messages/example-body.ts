import { sampleMessage, SAMPLE_TYPES } from './sample-messages.js';

/** A body to try a route with; of a trigger that is named like no message type, an empty object. */
export function exampleBody(trigger: string): object {
  if (trigger === 'batch') return { batch: [sampleMessage('identify'), sampleMessage('track')] };
  return SAMPLE_TYPES.includes(trigger) ? sampleMessage(trigger) : {};
}
