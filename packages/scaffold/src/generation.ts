import type { Kind } from './request.js';

/** A file to be made. */
export interface NewFile {
  /** Relative to the generation's root, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** A file to be changed. */
export interface ChangedFile extends NewFile {
  /** What it must still say when it is changed. */
  readonly before: string;
  /** Lines that are added to it. */
  readonly lines: readonly string[];
}

/** Lines that could not be added, as the file has no place for them. */
export interface Unregistered {
  readonly path: string;
  readonly lines: readonly string[];
  readonly because: string;
}

/** Everything that one command is going to write. Nothing has been written yet. */
export interface Generation {
  readonly kind: Kind;
  readonly name: string;
  /** Absolute. */
  readonly root: string;
  readonly create: readonly NewFile[];
  readonly update: readonly ChangedFile[];
  readonly unregistered: readonly Unregistered[];
  /** What the author does next: commands and sentences. */
  readonly next: readonly string[];
}
