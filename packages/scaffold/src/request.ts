/** What can be generated. */
export const KINDS = [
  'application',
  'source',
  'trigger',
  'flow',
  'destination',
  'action',
  'migration',
] as const;
export type Kind = (typeof KINDS)[number];

/** How a trigger gets its data, in the words of the command line. */
export const MODES = ['http', 'cron', 'cdc', 'sub'] as const;
export type Mode = (typeof MODES)[number];

/** The mode that a text names; `subscription` is the long name of `sub`. undefined: it names none. */
export function modeOf(text: string): Mode | undefined {
  return text === 'subscription' ? 'sub' : MODES.find((mode) => mode === text);
}

/** Destinations that have a package of their own. */
export const VENDORS = ['amplitude', 'mailchimp', 'segment', 'webhook'] as const;
export type Vendor = (typeof VENDORS)[number];

/** What shall be written, and where. */
export interface GenerateRequest {
  readonly kind: Kind;
  /** Lower-case letters, digits, `-` and `_`. */
  readonly name: string;
  /** Where relative paths start, and where the configuration is looked for, upwards. */
  readonly cwd: string;
  /** The configuration file, where it is not the first one upwards of `cwd`. */
  readonly config?: string;
  /**
   * The directory that the files are written into. Default: `<name>` for an application; beside the configuration
   * `sources/<name>`, `destinations/<name>`, `flows` and `migrations`; for a trigger or an action the only source or
   * destination there is.
   */
  readonly path?: string;
  /** Of a trigger, which must have one. */
  readonly mode?: Mode;
  /** Adds code that runs before the first event and after the last. Of sources, triggers, destinations and actions. */
  readonly hooks?: boolean;
  /** Adds a first migration. Of sources, triggers, destinations and actions. */
  readonly migrations?: boolean;
  /** false leaves the comments out. Default true. */
  readonly comments?: boolean;
  /** The destinations of an application. Default none, so that it logs what would be delivered. */
  readonly destinations?: readonly Vendor[];
  /** A directory with packed Fragment packages, which an application then depends on instead of the registry's. */
  readonly packages?: string;
  /** Dates a migration. Default: now. */
  readonly now?: Date;
}
