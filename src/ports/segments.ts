import type { UserError } from '../errors.js';
import type { Permit } from './consent.js';
import type { Shopper } from './customers.js';

/** People for whom a condition holds. */
export interface Segment {
  readonly id: string;
  readonly name: string;
  /** By the JSON Schema that the schema field `segmentConditionSchema` returns. */
  readonly condition: unknown;
  readonly updatedAtMs: number;
}

export interface SaveSegmentResult {
  readonly segment: Segment | null;
  readonly userErrors: readonly UserError[];
}

/** A condition of a segment with the value that was seen. */
export interface SegmentExplanation {
  /** JSON Pointer (RFC 6901) into the condition of the segment. */
  readonly path: string;
  readonly condition: unknown;
  readonly observed: unknown;
  readonly holds: boolean;
  /** True if the membership follows from it. */
  readonly decides: boolean;
}

export interface Membership {
  readonly segmentId: string;
  readonly member: boolean;
  /** One for each condition about the person. Empty without consent to PERSONALIZATION, and then nobody is a member. */
  readonly explain: readonly SegmentExplanation[];
}

/**
 * Segments of people, exact at the moment of the request: traits, consents, lifecycle and events in a window are read when it arrives. Merged
 * customers are one person. Nobody is in a segment without consent to PERSONALIZATION.
 */
export interface Segments {
  /** By id. In memory: no I/O. */
  list(): readonly Segment[];
  /** The memberships of a shopper in all segments, by id. `members`: only of segments that the shopper is in. */
  of(shopper: Shopper, options?: { readonly members?: boolean }): Promise<readonly Membership[]>;
  /** null: there is no such segment. */
  membership(shopper: Shopper, segmentId: string): Promise<Membership | null>;
  save(input: unknown): Promise<SaveSegmentResult>;
  /** Refused if another segment refers to it. */
  remove(
    id: string,
  ): Promise<{ readonly removedId: string | null; readonly userErrors: readonly UserError[] }>;
}

/** Segments as other plugins use them in conditions of their own. A contribution, so that those work without segments, too. */
export interface Audience {
  /** Those of the segments that the shopper is in. Unknown segments have nobody. */
  segmentsOf(permit: Permit<'PERSONALIZATION'>, segmentIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** True if there is such a segment. */
  has(segmentId: string): boolean;
}
