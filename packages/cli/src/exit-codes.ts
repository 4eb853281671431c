/** What a shell or a supervisor learns from the command's end. */
export const EXIT = {
  ok: 0,
  /** It was understood, and failed. */
  failed: 1,
  /** It was not understood: an unknown command, flag or value. */
  usage: 2,
  /** Ctrl-C pressed again while it was stopping. */
  interrupted: 130,
  /** SIGTERM sent again while it was stopping. */
  terminated: 143,
} as const;
