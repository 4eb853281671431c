export type {
  CaseAnswer,
  CaseMapping,
  DestinationCase,
  ExpectedOutcome,
  ExpectedRequest,
  LoadedCase,
} from './case.js';
export type { DestinationFake, DestinationUnderTest } from './delivery.js';
export { loadCases } from './load-cases.js';
export { runCase } from './run-case.js';
export { testDestination, type DestinationSuite, type TestFramework } from './suite.js';
export { tablesOf, type AnswerRow, type DestinationTables, type MappingRow } from './tables.js';
