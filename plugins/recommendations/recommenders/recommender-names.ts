/** The recommenders of this plugin. Learned weights are stored by name, and trained in this order. */
export const recommenderNames = [
  'session',
  'boughtTogether',
  'similar',
  'recentlyViewed',
  'buyAgain',
  'nextPurchase',
  'favouriteCategories',
  'favouriteBrands',
  'popularInStore',
  'popularInCategory',
  'popular',
  'trending',
  'newest',
] as const;
export type RecommenderName = (typeof recommenderNames)[number];
