import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Megabytes in use on the heap of this process after everything that can go has gone. */
export function sweptHeapMb(): number {
  setFlagsFromString('--expose-gc');
  const sweep = runInNewContext('gc') as () => void;
  sweep();
  return process.memoryUsage().heapUsed / 1e6;
}
