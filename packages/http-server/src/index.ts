export { answerError, answerJson, answerKnown, knownError, retryAfterSeconds } from './answers.js';
export type { Headers } from './answers.js';
export { answerHealth, HEALTH_PATHS, isHealthPath } from './health.js';
export type { HealthState } from './health.js';
export { listenProblems, positiveProblems } from './listen-options.js';
export type { ListenOptions } from './listen-options.js';
export { createListener } from './listener.js';
export type { Listener, ListenerOptions, ListenerTimeouts } from './listener.js';
export { isLoopback } from './loopback.js';
