import type { Contributed } from '../../../src/contributed.js';
import type { Catalog } from '../../../src/ports/catalog.js';
import type { MerchandisingRule, RuleCondition, Rules } from '../../../src/ports/merchandising.js';
import {
  changesMax,
  type RankingChange,
  type RankingRequest,
  type RankingRule,
  type Redirect,
} from '../../../src/ports/ranking.js';
import type { Audience } from '../../../src/ports/segments.js';
import { changeOf, holds, ruledRequest } from './rule-changes.js';

/** Less than the time that the changes of a ranking have. */
const audienceMs = 80;

/**
 * The published rules, and in previews those of the draft, as changes of rankings. One response takes a hundred; those of rules of a lower
 * priority are left out.
 */
export function createRuleContribution(
  rules: Rules,
  catalog: Pick<Catalog, 'descendants'>,
  audiences: () => readonly Contributed<Audience>[],
): RankingRule {
  const rulesFor = ({ shopper }: RankingRequest) => rules.list({ draft: shopper?.context.draft ?? false });
  return {
    isActive: (request) => rulesFor(request).length > 0,
    changes(request) {
      const ruled = ruledRequest(request);
      const holding = rulesFor(request).filter((rule) => holds(rule, ruled, catalog.descendants));
      const segmentIds = holding.flatMap(({ when }) => when.segmentId ?? []);
      return segmentIds.length === 0
        ? changesOfAll(holding)
        : segmentsOf(request, segmentIds).then((segments) =>
            changesOfAll(holding.filter(({ when }) => isIn(segments, when))),
          );
    },
  };

  /** Those of the segments that the shopper is in. None without a permit. */
  async function segmentsOf(
    { permit }: RankingRequest,
    segmentIds: readonly string[],
  ): Promise<ReadonlySet<string>> {
    if (permit === null) return new Set();
    const found = await Promise.all(
      audiences().map((audience) => audience.call(audienceMs, (each) => each.segmentsOf(permit, segmentIds))),
    );
    return new Set(found.flatMap((segments) => [...(segments ?? [])]));
  }
}

function changesOfAll(rules: readonly MerchandisingRule[]): readonly (RankingChange | Redirect)[] {
  return rules.flatMap(({ id, then }) => then.map((action) => changeOf(id, action))).slice(0, changesMax);
}

function isIn(segments: ReadonlySet<string>, { segmentId }: RuleCondition): boolean {
  return (segmentId ?? null) === null || segments.has(segmentId!);
}
