/** Takes one problem of the options. */
export type Report = (path: readonly string[], message: string) => void;
