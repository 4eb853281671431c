export { createFragment } from './create.js';
export { resolveDefinition } from './definition.js';
export type { ResolvedDefinition, SecretReader } from './definition.js';
export type { Fragment } from './fragment.js';
export { jsonOptions } from './json-options.js';
export { createLogger } from './logger.js';
export { configurationSchema } from './configuration-schema.js';
export { defineApplication } from './define-application.js';
export type { NamedDefinition, NamedOptions } from './define-application.js';
export type { FragmentContext, FragmentDefinition, FragmentOptions } from './options.js';
export { writeKeysFrom } from './plugins.js';
export { settingsFrom } from './settings.js';
export { settingsTable } from './settings-table.js';
export type { SettingRow } from './settings-table.js';
export { settingsView } from './settings-view.js';
export type { SettingView } from '@fragment/admin';
export type { Environment, LogLevel } from './environment.js';
export type { FragmentSettings, Setting, SettingOrigin } from './settings.js';
export { whenSet } from './when-set.js';
export type { MissingDestination } from './when-set.js';

// What most applications need besides, so that one import is enough.
export {
  defineDestination,
  defineFlow,
  defineSource,
  FragmentError,
  isFragmentError,
  operations,
} from '@fragment/core';
export type {
  Action,
  Actions,
  Application,
  DeliveryError,
  Destination,
  Exchange,
  Flow,
  JobResult,
  LeasedJob,
  LoadToolkit,
  Logger,
  Operations,
  Source,
  StartedApplication,
  StoredEvent,
  Trigger,
} from '@fragment/core';
export { redactPaths } from '@fragment/admin';
export type { Redact, ShownPart } from '@fragment/admin';
export { log } from '@fragment/destination-log';
export { segmentflow } from '@fragment/segmentflow';
export { client, rest } from '@fragment/source-rest';
export type { Client, SendOptions, Sent } from '@fragment/source-rest';
