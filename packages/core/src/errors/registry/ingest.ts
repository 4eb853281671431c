import { rows } from '../row.js';

/** What a sender did wrong, or cannot be served now. */
export const ingestErrors = rows({
  FRAGMENT_INGEST_INVALID: {
    status: 400,
    message: 'Bad Request',
    advice: 'Each entry of `validations` names a field and what it must be; correct these and send again.',
  },
  FRAGMENT_INGEST_BODY_NOT_JSON: {
    status: 400,
    message: 'Bad Request',
    advice: 'Send one JSON object as the body.',
  },
  FRAGMENT_INGEST_BODY_TOO_LARGE: {
    status: 400,
    message: 'Bad Request',
    advice:
      'Send fewer or smaller events in one request; a message may hold 32,768 bytes, a request 512,000.',
  },
  FRAGMENT_INGEST_BODY_TOO_DEEP: {
    status: 400,
    message: 'Bad Request',
    advice: 'Nest objects and arrays at most 64 levels deep.',
  },
  FRAGMENT_INGEST_BODY_ENCODING: {
    status: 400,
    message: 'Bad Request',
    advice: 'Compress with gzip, deflate or br, and name it in Content-Encoding.',
  },
  FRAGMENT_INGEST_BODY_INCOMPLETE: {
    status: 400,
    message: 'Bad Request',
    advice: 'The connection ended, or was too slow, before the whole body had come; send it again.',
  },
  FRAGMENT_INGEST_BATCH_TOO_LONG: {
    status: 400,
    message: 'Bad Request',
    advice: 'Send at most 2,500 messages in one batch.',
  },
  FRAGMENT_INGEST_EVENT_TOO_LARGE: {
    status: 400,
    message: 'Bad Request',
    advice: 'A message may hold 32,768 bytes of JSON; move large values elsewhere and send a reference.',
  },
  FRAGMENT_INGEST_EVENT_REFUSED: {
    status: 400,
    message: 'Bad Request',
    advice: 'The store can never take this message; the reason names what it objects to.',
  },
  FRAGMENT_INGEST_KEY_MISSING: {
    status: 401,
    message: 'Unauthorized',
    advice: 'Send the write key as the user name of Basic authentication, or as `writeKey` in the body.',
  },
  FRAGMENT_INGEST_KEY_UNKNOWN: {
    status: 401,
    message: 'Unauthorized',
    advice: 'Use a write key that this source knows (FRAGMENT_WRITE_KEYS, or the option writeKeys).',
  },
  FRAGMENT_INGEST_PROJECT_UNKNOWN: {
    status: 404,
    message: 'Not Found',
    advice:
      'A browser or mobile SDK asked for the settings of a write key that this source does not know; give it one of the source.',
  },
  FRAGMENT_INGEST_OVERLOADED: {
    status: 429,
    message: 'Too Many Requests',
    advice: 'More events wait for the store than may; send again after the seconds in Retry-After.',
  },
  FRAGMENT_INGEST_STOPPING: {
    status: 503,
    message: 'Service Unavailable',
    advice: 'The service is stopping; send again after the seconds in Retry-After.',
  },
  FRAGMENT_INGEST_TRIGGER_UNKNOWN: {
    status: 404,
    message: 'Not Found',
    advice: 'Name a source and a trigger that are registered with the application.',
  },
});
