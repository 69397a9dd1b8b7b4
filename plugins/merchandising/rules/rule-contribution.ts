import type { Catalog } from '../../../src/ports/catalog.js';
import type { Rules } from '../../../src/ports/merchandising.js';
import { changesMax, type RankingRequest, type RankingRule } from '../../../src/ports/ranking.js';
import { changeOf, holds, ruledRequest } from './rule-changes.js';

/**
 * The published rules, and in previews those of the draft, as changes of rankings. One response takes a hundred; those of rules of a lower
 * priority are left out.
 */
export function createRuleContribution(rules: Rules, catalog: Pick<Catalog, 'descendants'>): RankingRule {
  const rulesFor = ({ shopper }: RankingRequest) => rules.list({ draft: shopper?.context.draft ?? false });
  return {
    isActive: (request) => rulesFor(request).length > 0,
    changes(request) {
      const ruled = ruledRequest(request);
      return rulesFor(request)
        .filter((rule) => holds(rule, ruled, catalog.descendants))
        .flatMap(({ id, then }) => then.map((action) => changeOf(id, action)))
        .slice(0, changesMax);
    },
  };
}
