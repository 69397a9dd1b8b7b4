import type { Clock } from '../../src/plugin.js';
import type { Consent, Permit } from '../../src/ports/consent.js';
import type { Shopper } from '../../src/ports/customers.js';
import type { Audience, Membership, Segments } from '../../src/ports/segments.js';
import type { Condition } from './conditions.js';
import type { Definition, Definitions } from './definitions.js';
import { createEvaluation, type Evaluation } from './evaluate.js';
import { type EvidenceNeeds, readEvidence } from './evidence.js';

export interface SegmentsPort extends Segments, Audience {
  /** Evaluates conditions for a person at a moment, which is now if it is omitted. */
  evaluate(
    permit: Permit<'PERSONALIZATION'>,
    conditions: readonly Condition[],
    atMs?: number,
  ): Promise<Evaluation>;
}

/** Decides which segments a shopper is in, from what is known at the moment of the request. */
export function createSegments(
  needs: EvidenceNeeds & { readonly consent: Consent },
  clock: Clock,
  definitions: Definitions,
): SegmentsPort {
  const conditionOf = (id: string) => definitions.get(id)?.condition ?? null;

  const evaluate: SegmentsPort['evaluate'] = async (permit, conditions, atMs) => {
    const nowMs = atMs ?? permit.shopper.context.previewAtMs ?? clock.nowMs();
    const evidence = await readEvidence(needs, permit, definitions.leaves(conditions), nowMs);
    return createEvaluation(evidence, conditionOf);
  };

  async function membershipsIn(
    shopper: Shopper,
    segments: readonly Definition[],
  ): Promise<readonly Membership[]> {
    const permit = segments.length === 0 ? null : await needs.consent.permit(shopper, 'PERSONALIZATION');
    if (permit === null) return segments.map(({ id }) => ({ segmentId: id, member: false, explain: [] }));
    const evaluation = await evaluate(
      permit,
      segments.map(({ condition }) => condition),
    );
    return segments.map(({ id }) => {
      const { holds, leaves } = evaluation.segment(id);
      return { segmentId: id, member: holds, explain: leaves };
    });
  }

  return {
    list: definitions.list,
    evaluate,
    async of(shopper, { members = false } = {}) {
      const found = await membershipsIn(shopper, definitions.list());
      return members ? found.filter(({ member }) => member) : found;
    },
    async membership(shopper, segmentId) {
      const segment = definitions.get(segmentId);
      if (segment === null) return null;
      const [membership] = await membershipsIn(shopper, [segment]);
      return membership!;
    },
    save: definitions.save,
    remove: definitions.remove,
    has: (segmentId) => definitions.get(segmentId) !== null,
    async segmentsOf(permit, segmentIds) {
      const conditions = segmentIds.flatMap((id) => conditionOf(id) ?? []);
      if (conditions.length === 0) return new Set();
      const evaluation = await evaluate(permit, conditions);
      return new Set(segmentIds.filter((id) => evaluation.segment(id).holds));
    },
  };
}
