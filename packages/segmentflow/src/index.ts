export { alias, group, identify, page, screen, segmentflow, track } from './flows.js';
