import type { Settings } from 'meilisearch';

const facetValuesMax = 100;
/** Place 10,000 and a page more can be reached. */
const hitsMax = 10_100;

/** Of every index we fill. Attributes named by shops are covered by patterns, so that a new one needs no new settings. */
export const indexSettings: Settings = {
  searchableAttributes: ['title', 'codes', 'brand', 'kinds', 'translations', 'attributes', 'description'],
  displayedAttributes: ['productId', 'title', 'brand', 'categories'],
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
  sortableAttributes: ['createdAtMs', 'sortTitle', 'p'],
  typoTolerance: {
    minWordSizeForTypos: { oneTypo: 4, twoTypos: 8 },
    disableOnNumbers: true,
    disableOnAttributes: ['codes'],
  },
  faceting: { maxValuesPerFacet: facetValuesMax, sortFacetValuesBy: { '*': 'count' } },
  pagination: { maxTotalHits: hitsMax },
};
