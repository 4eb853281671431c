export { checkEnvelope, checkMessage, validatorOf } from './check.js';
export type { CheckOptions } from './check.js';
export { idOf, textOf } from './identifiers.js';
export type {
  AliasInput,
  CommonInput,
  GroupInput,
  IdentifyInput,
  MessageInputs,
  PageInput,
  ScreenInput,
  Somebody,
  TrackInput,
} from './inputs.js';
export { allows, integrationOptions, integrationsOf } from './integrations.js';
export { materialise } from './materialise.js';
export type { MessageRow } from './materialise.js';
export { mergeEnvelope } from './merge.js';
export type { EnvelopeFields, MergedFields } from './merge.js';
export { envelopeSchema, MESSAGE_ID_LENGTH, messageSchemas } from './schemas.js';
export type { JsonSchema } from './schemas.js';
export { clean, wellFormed } from './text.js';
export { correctTimestamp, parseTimestamp } from './timestamps.js';
export type { CorrectedTimes, SentTimes } from './timestamps.js';
export { isMessageType, MESSAGE_TYPES } from './types.js';
export type {
  AliasMessage,
  BatchEnvelope,
  CommonFields,
  Context,
  GroupMessage,
  IdentifyMessage,
  Integrations,
  MessageType,
  PageMessage,
  ScreenMessage,
  SegmentMessage,
  TrackMessage,
  Validation,
} from './types.js';
