/** What a job is, and what it can become. */

export type JobStatus = 'awaiting' | 'executing' | 'succeeded' | 'failed' | 'discarded' | 'unknown';
export type TransitionState = JobStatus | 'acknowledged';
