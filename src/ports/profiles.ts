import type { Permit } from './consent.js';

export const lifecycleStages = ['NEW', 'ACTIVE', 'REGULAR', 'LAPSING', 'LOST'] as const;
export type LifecycleStage = (typeof lifecycleStages)[number];

/** The stage of a customer at a moment. */
export interface Lifecycle {
  readonly stage: LifecycleStage;
  /** The moment of the next stage if the customer does nothing until then; null: there is none. */
  readonly untilMs: number | null;
}

/** Figures about customers that are computed from their orders. */
export interface Profiles {
  /** `sinceMs`: when the customer was first known, which counts until their first order. Throws as `Events.orders`. */
  lifecycle(permit: Permit<'PERSONALIZATION'>, sinceMs: number, atMs: number): Promise<Lifecycle>;
}
