import type { RateStore } from '../../src/plugin.js';

/**
 * Wakes processes that react. The facts themselves are in the outbox, in the store; a wake-up that gets lost costs
 * time, never a fact.
 */
export interface QueueDriver {
  /** Tells one reacting process of entries of the outbox; rejects when nobody can be told. */
  send(ids: readonly string[]): Promise<void>;
  /** Called once, in a process that reacts. */
  receive(take: (ids: readonly string[]) => Promise<void>): void;
  check(): Promise<void>;
  /** Shares rate limits between gateways. If omitted, each gateway limits by itself. */
  readonly rateStore?: RateStore;
}
