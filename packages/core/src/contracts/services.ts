/** A gateway or scheduler that runs, as it enters itself into the store. */
export interface ServiceEntry {
  /** New with each start. */
  readonly id: string;
  readonly service: 'gateway' | 'scheduler';
  /** Name of the application that it is a part of. */
  readonly application: string;
  readonly host: string;
  readonly pid: number;
  /** URL at which it listens; absent when a host serves it, or when it does not listen. */
  readonly address?: string;
  /** Of Fragment; absent where its code was bundled. */
  readonly version?: string;
  readonly startedAt: Date;
}

export interface ServiceRecord extends ServiceEntry {
  /** When it was last heard of, by the clock of the store. */
  readonly seenAt: Date;
  /** It has not been heard of for so long that it has died, hangs or cannot reach the store. */
  readonly gone: boolean;
}
