import { WaitingError, type Job } from 'bullmq';

/** Returns a message that was taken while closing, so that another process has it at once. Never returns normally. */
export async function giveBack(job: Job, token: string | undefined): Promise<never> {
  await job.moveToWait(token);
  throw new WaitingError();
}
