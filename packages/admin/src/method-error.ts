import { FragmentError } from '@fragment/core';

/** 405, with the methods that are allowed. */
export class MethodError extends FragmentError {
  readonly allow: string;

  constructor(allow: string) {
    super('FRAGMENT_HTTP_METHOD_NOT_ALLOWED');
    this.allow = allow;
  }
}
