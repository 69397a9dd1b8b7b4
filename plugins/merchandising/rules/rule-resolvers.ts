import { RapportError, userError } from '../../../src/errors.js';
import type { Resolvers } from '../../../src/plugin.js';
import type { Catalog } from '../../../src/ports/catalog.js';
import type {
  MerchandisingRule,
  Revision,
  RuleAction,
  RuleCondition,
  Rules,
} from '../../../src/ports/merchandising.js';

const revisionsMax = 100;

/** A pin names its product by any code; the rule keeps the id, so that it holds when codes move. */
interface PinInput {
  readonly pin?: { readonly productId: string } | null;
}

export function createRuleResolvers(rules: Rules, catalog: Pick<Catalog, 'resolve' | 'category'>) {
  const withProductId = (action: PinInput): PinInput =>
    action.pin
      ? {
          ...action,
          pin: {
            ...action.pin,
            productId: catalog.resolve(action.pin.productId)?.productId ?? action.pin.productId,
          },
        }
      : action;

  /** The products and categories of a rule that do not exist, or not yet. */
  function warningsOf({ when, then }: MerchandisingRule): readonly string[] {
    const filters = then.flatMap((action) => filterOf(action) ?? []);
    const ids = [...filters.flatMap(({ ids }) => ids ?? []), ...then.flatMap(pinnedIn)];
    const categoryIds = [when.categoryId, ...filters.map(({ categoryId }) => categoryId ?? null)];
    return [
      ...[...new Set(ids)]
        .filter((id) => catalog.resolve(id) === null)
        .map((id) => `there is no product ${id}`),
      ...[...new Set(categoryIds)]
        .filter((id) => id !== null && catalog.category(id) === null)
        .map((id) => `there is no category ${id}`),
      ...((when.segmentId ?? null) === null || rules.knowsSegment(when.segmentId!)
        ? []
        : [`there is no segment ${when.segmentId}`]),
    ];
  }

  return {
    MerchandisingRule: { updatedAt: ({ updatedAtMs }: MerchandisingRule) => new Date(updatedAtMs) },
    RuleCondition: {
      from: ({ fromMs }: RuleCondition) => (fromMs === null ? null : new Date(fromMs)),
      until: ({ untilMs }: RuleCondition) => (untilMs === null ? null : new Date(untilMs)),
    },
    Revision: {
      at: ({ atMs }: Revision) => new Date(atMs),
      changes: ({ number }: Revision) => rules.changesOf(number),
    },
    Query: {
      merchandisingRules: (_: unknown, { draft }: { draft?: boolean | null }) =>
        rules.list({ draft: draft ?? false }),
      merchandisingDraft: () => ({ changes: rules.draft() }),
      revisions(_: unknown, { first, after }: { first?: number | null; after?: number | null }) {
        const limit = first ?? 20;
        if (limit < 1 || limit > revisionsMax) {
          throw new RapportError(
            'invalid',
            'MERCHANDISING_FIRST',
            `first is ${limit}; 1 to ${revisionsMax} are allowed`,
          );
        }
        return rules.revisions(limit, after ?? undefined);
      },
    },
    Mutation: {
      async saveMerchandisingRule(_: unknown, { rule }: { rule: { readonly then: readonly PinInput[] } }) {
        const saved = await rules.save({ ...rule, then: rule.then.map(withProductId) });
        return { ...saved, warnings: saved.rule ? warningsOf(saved.rule) : [] };
      },
      async removeMerchandisingRule(_: unknown, { id }: { id: string }) {
        if (await rules.remove(id)) return { removedId: id, userErrors: [] };
        const message = `there is no rule ${id.slice(0, 128)}`;
        return { removedId: null, userErrors: [userError('MERCHANDISING_RULE_UNKNOWN', message, ['id'])] };
      },
      async discardDraft() {
        return { discarded: await rules.discard(), userErrors: [] };
      },
    },
  } satisfies Resolvers;
}

function filterOf(action: RuleAction) {
  if ('boost' in action) return action.boost.filter;
  if ('bury' in action) return action.bury.filter;
  if ('hide' in action) return action.hide.filter;
  return 'filter' in action ? action.filter.filter : null;
}

function pinnedIn(action: RuleAction): readonly string[] {
  return 'pin' in action ? [action.pin.productId] : [];
}
