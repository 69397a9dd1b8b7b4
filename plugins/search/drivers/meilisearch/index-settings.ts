import { createHash } from 'node:crypto';
import type { Settings } from 'meilisearch';

const facetValuesMax = 100;
/** Place 10,000 and a page more can be reached. */
const hitsMax = 10_100;

/** Patterns cover the attributes of shops, so that a new one needs no new settings. */
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
  // The first rule has no effect unless a query has a sort.
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
const documentsVersion = 3;

/** Identifies the format of the index: one of another version is rebuilt. */
const format = `format-${createHash('sha256')
  .update(JSON.stringify([documentsVersion, settings]))
  .digest('hex')
  .slice(0, 16)}`;

/** The settings of every index. No document has the attribute that carries the format. */
export const indexSettings: Settings = {
  ...settings,
  displayedAttributes: [...settings.displayedAttributes!, format],
};

export function isOurFormat({ displayedAttributes }: Settings): boolean {
  return displayedAttributes?.includes(format) ?? false;
}
