/** What every measured process is told. */
export interface PartOptions {
  readonly port: number;
  readonly postgres: string;
  /** Undefined: BullMQ runs on the same Postgres. */
  readonly redis?: string;
  /** Takes deliveries. */
  readonly sink: string;
  /** The one destination of a `destinationScheduler`, and whether its calls take many jobs. */
  readonly destination?: { readonly name: string; readonly batched: boolean };
}

/** A gateway or a scheduler under measurement; resolves when it is ready and then runs until it is killed. */
export type Part = (o: PartOptions) => Promise<void>;

export const DESTINATIONS = ['alpha', 'beta', 'gamma'] as const;
