export type { AmplitudeIds } from './amplitude-limits.js';
export { startFakeAmplitude, type FakeAmplitude, type FakeAmplitudeOptions } from './fake-amplitude.js';
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
export {
  startFakeVendor,
  type FakeAnswer,
  type FakeRequest,
  type FakeVendor,
  type Respond,
  type ScriptedAnswer,
} from './fake-vendor.js';
export { startFakeWebhook, type FakeWebhook, type FakeWebhookOptions } from './fake-webhook.js';
export type { MergeField, MergeFieldType } from './mailchimp-rules.js';
