/**
 * @template Data
 * @typedef {import('./types.d.ts').Operation<Data>} Operation
 */

const card = `fragment Card on Product {
  id title brand inStock
  price { amount currency }
  listPrice { amount currency }
  categories { id name }
  image { url }
  rating { average count }
}`;

/**
 * One request, one ranking, four renderings.
 *
 * @type {Operation<import('./types.d.ts').Everywhere>}
 */
export const everywhere = {
  name: 'Four channels',
  query: `query FourChannels(
  $web: ShopperContext!, $app: ShopperContext!, $kiosk: ShopperContext!, $voice: ShopperContext!
  $first: Int!, $seen: Int!, $goesWith: Int!, $said: Int!, $cart: [ID!]
) {
  web: shopper(context: $web) {
    known
    personalization { applied reason }
    consents { purpose status }
    recentlyViewed(first: $seen) { ...Card }
    recommendations(placement: "home", first: $first) {
      ...List
      items { product { options { label values { label available } } } }
    }
    basket: recommendations(placement: "cart", first: $goesWith, cart: $cart) { ...List }
  }
  app: shopper(context: $app) {
    recommendations(placement: "home", first: $first) { ...List }
  }
  kiosk: shopper(context: $kiosk) {
    recommendations(placement: "home", first: $first) { ...List }
  }
  voice: shopper(context: $voice) {
    recommendations(placement: "home", first: $first) {
      ...List
      speech(first: $said) { text ssml reprompt }
    }
  }
}

fragment List on RecommendationList {
  decisionId personalized degraded
  items { position source product { ...Card } reasons { code text } }
  omitted { reason product { id title } }
}

${card}`,
};

/** @type {Operation<import('./types.d.ts').OfShopper<import('./types.d.ts').SearchAnswer>>} */
export const search = {
  name: 'Search',
  query: `query Search($context: ShopperContext!, $query: String!, $filter: ProductFilter, $sort: ProductSort, $first: Int!) {
  shopper(context: $context) {
    search(query: $query, filter: $filter, sort: $sort) {
      queryId total correctedQuery appliedSynonyms personalized degraded
      products(first: $first) { nodes { ...Card } }
      facets(names: ["category", "brand", "price"]) { name values { value label count } min max }
    }
    instead: recommendations(placement: "search-empty", first: $first) {
      decisionId personalized degraded
      items { position source product { ...Card } reasons { code text } }
      omitted { reason product { id title } }
    }
  }
}

${card}`,
};

/** @type {Operation<import('./types.d.ts').OfShopper<{ suggest: readonly import('./types.d.ts').Suggestion[] | null }>>} */
export const suggest = {
  name: 'Suggestions',
  query: `query Suggest($context: ShopperContext!, $prefix: String!) {
  shopper(context: $context) { suggest(prefix: $prefix, first: 7) { text kind id } }
}`,
};

/** @type {Operation<{ recordEvents: import('./types.d.ts').UserErrors | null }>} */
export const record = {
  name: 'What happened',
  query: `mutation Record($context: ShopperContext!, $events: [EventInput!]!) {
  recordEvents(context: $context, events: $events) {
    accepted duplicates rejected
    userErrors { code message path }
  }
}`,
};

/** @type {Operation<{ setConsent: import('./types.d.ts').UserErrors | null }>} */
export const decide = {
  name: 'Consent',
  query: `mutation Decide($context: ShopperContext!, $status: ConsentStatus!) {
  setConsent(
    context: $context
    decisions: [{
      purpose: PERSONALIZATION, status: $status
      noticeVersion: "showcase-1", evidence: "the switch on the showcase page"
    }]
  ) {
    consents { purpose status decidedAt }
    userErrors { code message path }
  }
}`,
};
