import type { ActionCall, Actions, Flow, FlowDestination, StoredEvent } from '@fragment/core';
import { allows, integrationsOf, type MessageType } from '@fragment/segment-spec';

const nothing: Actions = {};

function flowOf(type: MessageType): Flow {
  // One object serves every event: a plan is only ever read.
  const calls: readonly ActionCall[] = [{ action: type }];
  return {
    name: `segmentflow.${type}`,
    transform: (event, { destinations }) =>
      event.type === type ? plan(event, type, calls, destinations) : nothing,
  };
}

function plan(
  event: StoredEvent,
  type: MessageType,
  calls: readonly ActionCall[],
  destinations: readonly FlowDestination[],
): Actions {
  const integrations = integrationsOf(event);
  const actions: Record<string, readonly ActionCall[]> = {};
  for (const { name, integrations: switches, accepts, actions: known } of destinations) {
    if (accepts !== 'segment' || !known.includes(type)) continue;
    if (integrations === undefined || allows(integrations, name, switches)) actions[name] = calls;
  }
  return actions;
}

/** Plans identify messages, and no others, for every destination that speaks the specification. */
export const identify: Flow = flowOf('identify');
/** Plans track messages, and no others. */
export const track: Flow = flowOf('track');
/** Plans page messages, and no others. */
export const page: Flow = flowOf('page');
/** Plans screen messages, and no others. */
export const screen: Flow = flowOf('screen');
/** Plans group messages, and no others. */
export const group: Flow = flowOf('group');
/** Plans alias messages, and no others. */
export const alias: Flow = flowOf('alias');

/** One flow per type of message: what a source of Segment messages usually has. */
export const segmentflow: readonly Flow[] = [identify, track, page, screen, group, alias];
