/** Units taken from one token bucket, as the time in which they flow in, so that processes need not agree on a clock. */
export interface TakenUnits {
  /** Names the bucket; holds no address and no key. */
  readonly bucket: string;
  /** Milliseconds in which the units flow in again. */
  readonly flowMs: number;
  /** The longest time after which the bucket is full again, whatever is owed. */
  readonly fullInMsMax: number;
}

/** Token buckets that several gateways share. */
export interface RateStore {
  /**
   * Adds what this process took. Resolves to the time in which each of the named buckets will be full, with what all processes
   * took, and to how many processes have reported lately. Rejects within about a second when it cannot.
   */
  report(
    processId: string,
    taken: readonly TakenUnits[],
  ): Promise<{ readonly processes: number; readonly fullInMs: readonly number[] }>;
}

/**
 * Wakes processes that react. The facts themselves are in the outbox, in the store; a wake-up that gets lost costs
 * time, never a fact.
 */
export interface QueueDriver {
  /** Wakes one process that handles facts for these entries of the outbox. Rejects if none can be reached. */
  send(ids: readonly string[]): Promise<void>;
  /** Called once, in a process that reacts. */
  receive(take: (ids: readonly string[]) => Promise<void>): void;
  check(): Promise<void>;
  /** Shares rate limits between gateways. If omitted, each gateway limits by itself. */
  readonly rateStore?: RateStore;
}
