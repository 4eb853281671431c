import { rows } from '../row.js';

/** Why a job failed, was discarded or is unknown, where the reason is ours and not the vendor's. */
export const deliveryErrors = rows({
  FRAGMENT_DELIVERY_NETWORK: {
    status: 502,
    message: 'The destination could not be reached.',
    advice: 'It is tried again; check the network, the name and the certificate of the endpoint.',
  },
  FRAGMENT_DELIVERY_TIMEOUT: {
    status: 504,
    message: 'The destination did not answer in time.',
    advice: 'It is tried again. The vendor may have taken the event: the repeat carries the same key.',
  },
  FRAGMENT_DELIVERY_REJECTED: {
    status: 502,
    message: 'The destination refused the event.',
    advice: 'It can never be taken as it is; the answer of the vendor says why.',
  },
  FRAGMENT_DELIVERY_UNAVAILABLE: {
    status: 502,
    message: 'The destination could not take the event now.',
    advice: 'It is tried again; the answer of the vendor says why.',
  },
  FRAGMENT_DELIVERY_THROTTLED: {
    status: 502,
    message: 'The destination asked to slow down.',
    advice: 'It is tried again after the time the destination named; the attempt is not counted.',
  },
  FRAGMENT_DELIVERY_CREDENTIALS: {
    status: 502,
    message: 'The destination refused the credentials.',
    advice: 'Correct the key or the account of this destination; its jobs wait and are delivered afterwards.',
  },
  FRAGMENT_DELIVERY_INVALID: {
    status: 400,
    message: 'The event cannot be delivered to this destination.',
    advice: 'The event lacks something this destination needs; the message says what. No request was made.',
  },
  FRAGMENT_DELIVERY_TOO_LARGE: {
    status: 400,
    message: 'The event is larger than the destination takes.',
    advice: 'Send smaller events; the message says the limit.',
  },
  FRAGMENT_DELIVERY_ADDRESS_REFUSED: {
    status: 400,
    message: 'The address of the destination is private.',
    advice:
      'Private and loopback addresses are refused unless the destination lets them through: `allow` names networks and hosts.',
  },
  FRAGMENT_DELIVERY_THREW: {
    status: 500,
    message: 'The action threw an error.',
    advice: 'A fault of the destination package; it is tried again.',
  },
  FRAGMENT_DELIVERY_NO_RESULT: {
    status: 500,
    message: 'The action did not say what became of the job.',
    advice: 'A fault of the destination package: load must answer once per job. It is tried again.',
  },
  FRAGMENT_DELIVERY_LEASE_EXPIRED: {
    status: 500,
    message: 'lease expired',
    advice: 'The process that delivered it died or hung; it is delivered again with the same key.',
  },
  FRAGMENT_DELIVERY_WORKER_LOST: {
    status: 500,
    message: 'worker lost',
    advice:
      'Five processes died while delivering this job, the last ones while it ran alone: it is poison. Find out why, then retry it.',
  },
  FRAGMENT_DELIVERY_MAX_AGE: {
    status: 500,
    message: 'The job is older than its destination allows.',
    advice: 'Its last error says why it was not delivered in time; retry it if it still matters.',
  },
  FRAGMENT_DELIVERY_MAX_RETRIES: {
    status: 500,
    message: 'The job used up its retries.',
    advice: 'Its last error says why; retry it once the cause is gone.',
  },
  FRAGMENT_DELIVERY_DISCARDED_BY_OPERATOR: {
    status: 500,
    message: 'An operator discarded the job.',
    advice: 'Retry it if that was a mistake.',
  },
  FRAGMENT_DELIVERY_USER_PAUSED: {
    status: 502,
    message: 'The destination asked to slow down for this user.',
    advice: 'It is tried again after the pause; the attempt is not counted.',
  },
  FRAGMENT_FOLLOWUP_TOO_DEEP: {
    status: 500,
    message: 'A follow-up would be the ninth in a row.',
    advice: 'Follow-ups may lead to follow-ups eight times; check the actions for a circle.',
  },
  FRAGMENT_PLAN_FAILED: {
    status: 500,
    message: 'A flow or marshal function threw, so the event has no jobs.',
    advice: 'Mend the flow, then replay the event.',
  },
  FRAGMENT_PLAN_UNKNOWN_ACTION: {
    status: 500,
    message: 'A flow named a destination or an action that is not registered.',
    advice: 'Register it, or correct the flow; then replay the event.',
  },
});
