/** Something that happened, told to other plugins through the queue: past tense, ids only. */
export interface FactTypes {
  /** Products were saved or removed. At most 1,000 ids a fact. */
  'product.changed': { readonly ids: readonly string[] };
  /** Stock of products was set. At most 1,000 ids a fact. */
  'stock.changed': { readonly ids: readonly string[] };
  /** The synonyms of a locale were changed. */
  'synonyms.changed': { readonly locale: string };
  /** A session was recognised as a customer. */
  'customer.identified': { readonly customerId: string; readonly sessionId: string };
  /** The profile of a customer was created or changed. */
  'customer.changed': { readonly customerId: string };
  /** Two customers were merged into one person. */
  'customer.merged': { readonly mergeId: string; readonly into: string; readonly from: string };
  /** A merge was undone. The two are still one person if another merge connects them. */
  'customer.unmerged': { readonly mergeId: string; readonly into: string; readonly from: string };
  /** A customer entered or left segments. For merged customers the surviving id. */
  'membership.changed': {
    readonly customerId: string;
    readonly entered: readonly string[];
    readonly left: readonly string[];
  };
  /** Points of a customer were recorded. */
  'loyalty.changed': { readonly customerId: string };
  /** A segment was saved or removed. */
  'segment.changed': { readonly segmentId: string };
  /**
   * A decision was entered in the consent ledger of a subject. `origin`: the name of the key that it came through, so that a connected system
   * leaves out its own changes.
   */
  'consent.changed': { readonly subject: string; readonly origin: string };
  /** A customer was erased, with all customers and sessions who are one person with them. What was learned from them is to be forgotten. */
  'customer.erased': { readonly erasureId: string };
  /** Preferences of a subject were changed. `origin` as in `consent.changed`. */
  'preferences.changed': { readonly subject: string; readonly origin: string };
  /** A calendar day (UTC, `YYYY-MM-DD`) has ended. */
  'day.passed': { readonly day: string };
}

export type FactType = keyof FactTypes;

export type Fact = {
  readonly [T in FactType]: { readonly type: T } & FactTypes[T];
}[FactType];

export type FactOf<T extends FactType> = Extract<Fact, { type: T }>;

/** One call of a handler for one fact. */
export interface FactDelivery {
  /** The same at each attempt, in each plugin and after a replay of the dead letter. */
  readonly id: string;
  /** When the fact was published, or the moment that it was planned for. */
  readonly atMs: number;
  /** 1 for the first one. */
  readonly attempt: number;
}

export type FactHandler<F extends Fact = Fact> = (fact: F, delivery: FactDelivery) => Promise<void>;

/** Handlers run at least once for each fact, so each is idempotent. A throw means: try again later. */
export type Reactions = { readonly [T in FactType]?: FactHandler<FactOf<T>> };
