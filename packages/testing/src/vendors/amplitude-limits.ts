import type { FakeAnswer } from './fake-vendor.js';
import type { Fields } from './shapes.js';

/** Users and devices, by their ids. */
export interface AmplitudeIds {
  readonly users?: readonly string[];
  readonly devices?: readonly string[];
}

/** Whom Amplitude takes no events of at the moment, and how it says so. */
export interface AmplitudeLimiter {
  readonly throttle: (ids: AmplitudeIds) => void;
  readonly exhaust: (ids: AmplitudeIds) => void;
  readonly silence: (devices: readonly string[]) => void;
  readonly recover: () => void;
  /** The answer to a request that has events of one of them; nothing of it is ingested. */
  readonly refuse: (events: readonly Fields[]) => FakeAnswer | undefined;
}

class IdSets {
  readonly users = new Set<unknown>();
  readonly devices = new Set<unknown>();
  add({ users = [], devices = [] }: AmplitudeIds): void {
    for (const id of users) this.users.add(id);
    for (const id of devices) this.devices.add(id);
  }
  clear(): void {
    this.users.clear();
    this.devices.clear();
  }
  has(event: Fields): boolean {
    return this.users.has(event['user_id']) || this.devices.has(event['device_id']);
  }
}

/** destinations 1.2: events a second of one user or device. */
const threshold = 30;
/** destinations 1.2: events a day of one user or device. */
const dailyQuota = 500_000;

export function amplitudeLimiter(): AmplitudeLimiter {
  const throttled = new IdSets();
  const exhausted = new IdSets();
  const silenced = new IdSets();

  const refuse = (events: readonly Fields[]): FakeAnswer | undefined => {
    const blocked = indicesOf(events, silenced);
    const slowed = indicesOf(events, throttled, exhausted);
    if (blocked.length === 0 && slowed.length === 0) return undefined;
    // destinations 1.4: silenced ones make it a 400, and throttled ones may be named beside them
    if (blocked.length > 0)
      return answer(400, 'Events of silenced devices', {
        silenced_events: blocked,
        silenced_devices: seen(events, silenced.devices, 'device_id'),
        ...(slowed.length > 0 && { throttled_events: slowed }),
      });
    return answer(429, 'Too many requests for some devices and users', {
      eps_threshold: threshold,
      throttled_users: rates(seen(events, throttled.users, 'user_id'), threshold + 1),
      throttled_devices: rates(seen(events, throttled.devices, 'device_id'), threshold + 1),
      throttled_events: slowed,
      exceeded_daily_quota_users: rates(seen(events, exhausted.users, 'user_id'), dailyQuota + 1),
      exceeded_daily_quota_devices: rates(seen(events, exhausted.devices, 'device_id'), dailyQuota + 1),
    });
  };

  return {
    throttle: (ids) => throttled.add(ids),
    exhaust: (ids) => exhausted.add(ids),
    silence: (devices) => silenced.add({ devices }),
    recover: () => [throttled, exhausted, silenced].forEach((ids) => ids.clear()),
    refuse,
  };
}

const answer = (code: number, error: string, lists: object): FakeAnswer => ({
  status: code,
  body: { code, error, ...lists },
});

const indicesOf = (events: readonly Fields[], ...sets: readonly IdSets[]): number[] =>
  events.flatMap((event, index) => (sets.some((ids) => ids.has(event)) ? [index] : []));

/** Those of the ids that the events have. */
function seen(events: readonly Fields[], ids: ReadonlySet<unknown>, field: string): string[] {
  return [...new Set(events.map((event) => event[field]).filter((id) => ids.has(id)))].map(String);
}

const rates = (ids: readonly string[], rate: number): Record<string, number> =>
  Object.fromEntries(ids.map((id) => [id, rate]));
