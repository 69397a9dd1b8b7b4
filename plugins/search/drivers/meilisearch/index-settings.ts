import { createHash } from 'node:crypto';
import type { Settings } from 'meilisearch';

const facetValuesMax = 100;
/** Place 10,000 and a page more can be reached. */
const hitsMax = 10_100;

/** Attributes named by shops are covered by patterns, so that a new one needs no new settings. */
const settings: Settings = {
  searchableAttributes: ['title', 'codes', 'brand', 'kinds', 'translations', 'attributes', 'description'],
  displayedAttributes: ['productId', 'title', 'brand', 'categories', 'kinds', 'attributes', 'ownCategories'],
  filterableAttributes: [
    {
      attributePatterns: ['key', 'f', 'f.*', 'a', 'a.*'],
      features: { facetSearch: false, filter: { equality: true, comparison: false } },
    },
    {
      attributePatterns: ['n', 'n.*', 'p', 'p.*', 's', 's.*'],
      features: { facetSearch: false, filter: { equality: true, comparison: true } },
    },
  ],
  // Asked to sort, it sorts; else this rule does nothing.
  rankingRules: ['sort', 'words', 'typo', 'proximity', 'attribute', 'exactness', 'createdAtMs:desc'],
  sortableAttributes: ['createdAtMs', 'sortTitle', 'p', 's'],
  typoTolerance: {
    minWordSizeForTypos: { oneTypo: 4, twoTypos: 8 },
    disableOnNumbers: true,
    disableOnAttributes: ['codes'],
  },
  faceting: { maxValuesPerFacet: facetValuesMax, sortFacetValuesBy: { '*': 'count' } },
  pagination: { maxTotalHits: hitsMax },
};

/** Grows with every change of how `documents.ts` writes a product. */
const documentsVersion = 2;

/** Names the way in which an index is kept: one that another version filled is filled anew. */
const format = `format-${createHash('sha256')
  .update(JSON.stringify([documentsVersion, settings]))
  .digest('hex')
  .slice(0, 16)}`;

/** Of every index we fill. No document has the attribute that carries the format. */
export const indexSettings: Settings = {
  ...settings,
  displayedAttributes: [...settings.displayedAttributes!, format],
};

export function isOurFormat({ displayedAttributes }: Settings): boolean {
  return displayedAttributes?.includes(format) ?? false;
}
