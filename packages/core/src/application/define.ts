import type { ApplicationOptions } from '../contracts/application.js';

/** What a configuration file may say: everything an application is made of, with defaults for the rest. */
export type ApplicationDefinition = Partial<ApplicationOptions>;

/** Types the options of a configuration file; does nothing else. */
export const defineApplication = <const T extends ApplicationDefinition>(definition: T): T => definition;
