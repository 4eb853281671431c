export { segment } from './destination.js';
export type { SegmentBatchOptions, SegmentOptions } from './options.js';
