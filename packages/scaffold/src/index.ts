export { generate } from './generate.js';
export { KINDS, MODES, modeOf, VENDORS } from './request.js';
export type { GenerateRequest, Kind, Mode, Vendor } from './request.js';
export { nameProblem } from './names.js';
export { parentsOf, projectOf } from './project.js';
export { refuseConflicts, write } from './write/write.js';
export { summaryOf } from './summary.js';
export type { ChangedFile, Generation, NewFile, Unregistered } from './generation.js';
