export { startFakeAmplitude, type FakeAmplitude } from './fake-amplitude.js';
export {
  startFakeMailchimp,
  type FakeMailchimp,
  type FakeMailchimpOptions,
  type FakeMember,
} from './fake-mailchimp.js';
export {
  startFakeSegment,
  type DroppedMessage,
  type FakeSegment,
  type FakeSegmentOptions,
} from './fake-segment.js';
export type { FakeAnswer, FakeRequest, FakeVendor, ScriptedAnswer } from './fake-vendor.js';
export type { MergeField, MergeFieldType } from './mailchimp-rules.js';
