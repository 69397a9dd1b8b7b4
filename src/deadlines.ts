/**
 * Deadlines of calls and fields, in milliseconds. Each wait is shorter than the one around it, so that a backend which does not answer
 * costs its part of a response only: a call of a backend < a field of a plugin < an operation.
 */
export const deadlines = {
  /** Until a backend has accepted a connection. */
  connectMs: 2_000,
  /** A server of the store that answers no heartbeat for so long is away, and calls in flight are lost: busy servers stall, too. */
  heartbeatMs: 5_000,
  /** A call of a backend that a shopper waits for. */
  readMs: 2_000,
  /** A call of a backend that writes, or reads much. It is longer because a write that is given up may have happened. */
  writeMs: 20_000,
  /** A report of rates, which is of no use later. */
  ratesMs: 1_000,
  /** The keys of an identity provider. */
  keysMs: 2_500,
  /** A plugin's health check. */
  checkMs: 2_000,
  /** A field that a plugin added to a type of another. */
  addedFieldMs: 3_000,
  /** A query; an event of a subscription, too. */
  queryMs: 10_000,
  /** As long as a write may take, and more. */
  mutationMs: 60_000,
} as const;
