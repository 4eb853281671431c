import { rows } from '../row.js';

/** What any of the HTTP services may answer. */
export const httpErrors = rows({
  FRAGMENT_HTTP_NOT_FOUND: {
    status: 404,
    message: 'Not Found',
    advice: 'Check the path; nothing answers there.',
  },
  FRAGMENT_HTTP_METHOD_NOT_ALLOWED: {
    status: 405,
    message: 'Method Not Allowed',
    advice: 'Use a method that the Allow header names.',
  },
  FRAGMENT_HTTP_MALFORMED: {
    status: 400,
    message: 'Bad Request',
    advice: 'The request was not valid HTTP/1.1, its headers were too large, or it did not come in time.',
  },
  FRAGMENT_HTTP_INTERNAL: {
    status: 500,
    message: 'Internal Server Error',
    advice: 'A fault of the service; its log has the details under the same request.',
  },
  FRAGMENT_ADMIN_QUERY_INVALID: {
    status: 400,
    message: 'Bad Request',
    advice: 'Each entry of `validations` names a query parameter and what it must be.',
  },
  FRAGMENT_ADMIN_UNAUTHORIZED: {
    status: 401,
    message: 'Unauthorized',
    advice: 'Send the admin token as `Authorization: Bearer <token>` (FRAGMENT_ADMIN_TOKEN).',
  },
  FRAGMENT_ADMIN_HOST_REFUSED: {
    status: 403,
    message: 'Forbidden',
    advice:
      'Without a token the admin API answers requests for a loopback host name only; set FRAGMENT_ADMIN_TOKEN.',
  },
  FRAGMENT_ADMIN_FORBIDDEN: {
    status: 403,
    message: 'Forbidden',
    advice:
      'Use a token of the role that is named: read looks, operate also retries and pauses, admin also erases.',
  },
  FRAGMENT_ADMIN_ORIGIN_REFUSED: {
    status: 403,
    message: 'Forbidden',
    advice:
      'Writes from a browser are for the dashboard itself; another program sends a Bearer token, and no Origin of another site.',
  },
  FRAGMENT_ADMIN_BODY_INVALID: {
    status: 400,
    message: 'Bad Request',
    advice: 'Each entry of `validations` names a member of the body and what it must be.',
  },
  FRAGMENT_ADMIN_BUSY: {
    status: 429,
    message: 'Too Many Requests',
    advice:
      'Too many logins failed lately, or too many streams are open; try again after the seconds in Retry-After.',
  },
  FRAGMENT_ADMIN_BULK_UNKNOWN: {
    status: 404,
    message: 'Not Found',
    advice: 'No order has this id; /admin/api/store/bulks lists them.',
  },
  FRAGMENT_ADMIN_USER_UNKNOWN: {
    status: 404,
    message: 'Not Found',
    advice: 'The store has no event with this user id or anonymous id.',
  },
  FRAGMENT_ADMIN_EVENT_UNKNOWN: {
    status: 404,
    message: 'Not Found',
    advice: 'No event has this id; it may have been purged.',
  },
  FRAGMENT_ADMIN_JOB_UNKNOWN: {
    status: 404,
    message: 'Not Found',
    advice: 'No job has this id; it may have been purged.',
  },
  FRAGMENT_ADMIN_DESTINATION_UNKNOWN: {
    status: 404,
    message: 'Not Found',
    advice: 'Name a destination that is registered; /admin/api/destinations lists them.',
  },
  FRAGMENT_ADMIN_SOURCE_UNKNOWN: {
    status: 404,
    message: 'Not Found',
    advice: 'Name a source that is registered; /admin/api/sources lists them.',
  },
});
