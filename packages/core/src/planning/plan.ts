import { createHash } from 'node:crypto';
import { scheduleOf } from '../application/settings.js';
import type { Action, Destination } from '../contracts/destination.js';
import type { ActionCall, Actions, PlannedJob, StoredEvent } from '../contracts/events.js';
import type { Flow, FlowToolkit } from '../contracts/source.js';
import { FragmentError } from '../errors/fragment-error.js';
import { describeError } from '../platform/logger.js';
import { parseSchedule, type Recurrence } from '../schedule/schedule.js';

/** What became of planning one event. A plan is whole or there is none; `error` begins with a code. */
export type Plan = { readonly jobs: readonly PlannedJob[] } | { readonly error: string };

interface PlannedAction {
  readonly action: Action;
  readonly ordered: boolean;
  /** Set for jobs that are collected: when the next collection is due. */
  readonly collected: Recurrence | undefined;
}

/** Turns events into jobs. Pure: planning the same event twice gives the same jobs, which is what replay relies on. */
export class Planner {
  readonly #toolkit: FlowToolkit;
  readonly #actions = new Map<string, ReadonlyMap<string, PlannedAction>>();

  constructor(destinations: readonly Destination[]) {
    this.#toolkit = Object.freeze({
      destinations: destinations.map((d) => ({
        name: d.name,
        integrations: d.integrations ?? [d.name],
        ...(d.accepts === undefined ? {} : { accepts: d.accepts }),
        actions: d.actions.map((a) => a.name),
      })),
    });
    for (const d of destinations) {
      this.#actions.set(d.name, new Map(d.actions.map((a) => [a.name, plannedAction(d, a)])));
    }
  }

  /** Runs the flows of a trigger. A throw, or an action nobody registered, is the event's plan error. */
  plan(event: StoredEvent, flows: readonly Flow[], own?: Actions): Plan {
    try {
      const jobs: PlannedJob[] = [];
      for (const flow of flows) {
        if (flow.enabled !== false) this.#add(jobs, event, flow.transform(event, this.#toolkit));
      }
      if (own) this.#add(jobs, event, own);
      return { jobs };
    } catch (error) {
      const { code = 'FRAGMENT_PLAN_FAILED', error: reason } = describeError(error);
      return { error: `${code}: ${reason}`.slice(0, 1_000) };
    }
  }

  #add(jobs: PlannedJob[], event: StoredEvent, actions: Actions): void {
    for (const destination in actions) {
      for (const call of actions[destination] ?? []) {
        jobs.push(this.#job(jobs.length, destination, event, call));
      }
    }
  }

  #job(seq: number, destination: string, event: StoredEvent, call: ActionCall): PlannedJob {
    const planned = this.#actions.get(destination)?.get(call.action);
    if (!planned) {
      throw new FragmentError('FRAGMENT_PLAN_UNKNOWN_ACTION', {
        detail: `It named ${destination}/${call.action}.`,
      });
    }
    const data = planned.action.marshal ? planned.action.marshal(event, call) : call.data;
    const due = planned.collected?.next(event.receivedAt);
    const orderKey = planned.ordered ? orderKeyOf(event) : undefined;
    return {
      seq,
      destination,
      action: call.action,
      ...(call.version === undefined ? {} : { version: call.version }),
      ...(data === undefined ? {} : { data }),
      ...(orderKey === undefined ? {} : { orderKey }),
      ...(due === undefined ? {} : { dueAt: due }),
    };
  }
}

function plannedAction(destination: Destination, action: Action): PlannedAction {
  const schedule = scheduleOf(destination, action);
  const collected =
    schedule.realtime || schedule.interval === undefined ? undefined : parseSchedule(schedule.interval);
  return { action, ordered: destination.ordering === 'user', collected };
}

/** 64 bits are enough: a collision only makes two users wait for each other. */
function orderKeyOf(event: StoredEvent): bigint | undefined {
  const user = event.userId ?? event.anonymousId;
  return user === undefined ? undefined : createHash('md5').update(user).digest().readBigInt64BE(0);
}
