import type { RelationKind } from '../../../../src/ports/product-details.js';
import type { Models } from '../../learning/models.js';
import { bySeeds } from '../candidates.js';
import type { OwnRecommender } from '../own-recommender.js';

const reasonOf: Readonly<Record<RelationKind, string>> = {
  ACCESSORY: 'ACCESSORY_OF',
  SPARE_PART: 'SPARE_PART_OF',
  SUBSTITUTE: 'SUBSTITUTE_FOR',
  UPSELL: 'UPSELL_OF',
};

/**
 * Products that the shop itself relates to others: alternatives to them and additions to them. In `similar` and `bought-together` their
 * weight ranks them before all learned proposals; in other placements they compete with these.
 */
export function relatedRecommenders({ relations }: Pick<Models, 'relations'>): readonly OwnRecommender[] {
  const related = (
    name: string,
    kinds: readonly [RelationKind, ...RelationKind[]],
    blend: OwnRecommender['blend'],
  ): OwnRecommender => ({
    name,
    source: 'RELATED',
    reason: reasonOf[kinds[0]],
    blend,
    create: () => ({
      propose: ({ seeds }) => bySeeds(seeds, (item) => relations.row(item, kinds)),
      causeOf: (item, anchor) => ({
        code: reasonOf[relations.kindOf(anchor, item, kinds) ?? kinds[0]],
        because: anchor,
        subject: null,
      }),
    }),
  });
  return [
    related('relatedAlternatives', ['SUBSTITUTE', 'UPSELL'], { similar: 2 }),
    related('relatedAdditions', ['ACCESSORY', 'SPARE_PART'], {
      'bought-together': 2,
      cart: 1,
      'post-purchase': 1,
    }),
  ];
}
