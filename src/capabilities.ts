import type { Catalog } from './ports/catalog.js';
import type { Consent, ProcessingRestriction } from './ports/consent.js';
import type { CustomerGroups, Customers } from './ports/customers.js';
import type { Events, ProductReferences } from './ports/events.js';
import type { Loyalty } from './ports/loyalty.js';
import type { Merchandising } from './ports/merchandising.js';
import type { PlacementProvider } from './ports/placements.js';
import type { Preferences } from './ports/preferences.js';
import type { Profiles } from './ports/profiles.js';
import type { Queue } from './ports/queue.js';
import type { QueueDriver } from './ports/queue-driver.js';
import type { RankingRule } from './ports/ranking.js';
import type { Recommendations } from './ports/recommendations.js';
import type { Recommender } from './ports/recommenders.js';
import type { Search, SuggestionSource } from './ports/search.js';
import type { SearchDriver } from './ports/search-driver.js';
import type { Audience, Segments } from './ports/segments.js';
import type { SpeechWriter } from './ports/speech.js';
import type { Store } from './ports/store.js';
import type { StoreDriver } from './ports/store-driver.js';
import type { Voice } from './ports/voice.js';

/** Each capability and the port through which everybody else uses it. A third party adds its own by declaration merging. */
export interface Capabilities {
  store: Store;
  queue: Queue;
  catalog: Catalog;
  merchandising: Merchandising;
  customers: Customers;
  consent: Consent;
  events: Events;
  preferences: Preferences;
  profiles: Profiles;
  segments: Segments;
  loyalty: Loyalty;
  search: Search;
  speech: SpeechWriter;
  recommendations: Recommendations;
  voice: Voice;
}

export type Capability = keyof Capabilities;

/** The capabilities that have drivers, one for each backend, and what a driver of each is. */
export interface Drivers {
  store: StoreDriver;
  search: SearchDriver;
  queue: QueueDriver;
}

/**
 * Contributions of plugins to each other, by extension point. A third party adds its own point by declaration merging. A contribution is no
 * need: contributor and host may need each other.
 */
export interface Contributions {
  /** Read by recommendations and search. */
  rankingRule: RankingRule;
  /** Read by search. */
  suggestionSource: SuggestionSource;
  /** Read by recommendations. */
  recommender: Recommender;
  /** Read by recommendations. */
  placement: PlacementProvider;
  /** Read by merchandising. */
  audience: Audience;
  /** Read by the catalog. */
  customerGroups: CustomerGroups;
  /** Read by consent. */
  processingRestriction: ProcessingRestriction;
  /** Read by events. */
  productReferences: ProductReferences;
}

export type ExtensionPoint = keyof Contributions;
