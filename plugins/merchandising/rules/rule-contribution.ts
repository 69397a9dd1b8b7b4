import type { Catalog } from '../../../src/ports/catalog.js';
import type { Rules } from '../../../src/ports/merchandising.js';
import type { RankingRequest, RankingRule } from '../../../src/ports/ranking.js';
import { changeOf, holds } from './rule-changes.js';

/** As many changes as one response takes; see `RankingRule`. Those of rules of a lower priority are left out. */
const changesMax = 100;

/** The published rules, and in previews those of the draft, as changes of rankings. */
export function createRuleContribution(rules: Rules, catalog: Pick<Catalog, 'descendants'>): RankingRule {
  const rulesFor = ({ shopper }: RankingRequest) => rules.list({ draft: shopper?.context.draft ?? false });
  return {
    isActive: (request) => rulesFor(request).length > 0,
    changes: (request) =>
      rulesFor(request)
        .filter((rule) => holds(rule, request, catalog.descendants))
        .flatMap(({ id, then }) => then.map((action) => changeOf(id, action)))
        .slice(0, changesMax),
  };
}
