import type { ShopperContext } from './context.js';
import { type Operation, operation } from './operation.js';
import { type Product, productFields } from './product.js';
import type { Rule, RuleInput } from './rule.js';

/** The operations that the console sends, by name. A test checks them against the schema. */
export interface UserError {
  readonly message: string;
  readonly path: readonly string[];
}

const ruleFields = `id name enabled priority
  when { query { match text } categoryId segmentId placements channels storeIds locales from until }
  then {
    pin { productId position } redirect { url }
    boost { factor filter { ids brands categoryId } } bury { factor filter { ids brands categoryId } }
    hide { filter { ids brands categoryId } } filter { filter { ids brands categoryId } }
  }`;

export interface Preview {
  readonly products: readonly Product[];
  readonly total: number;
  readonly correctedQuery: string | null;
  readonly appliedSynonyms: readonly string[];
  readonly appliedRules: readonly string[];
  readonly redirect: string | null;
}

const previewFields = `products { ${productFields} } total correctedQuery appliedSynonyms appliedRules redirect`;

/** One search as published, and the same with the draft. */
export const preview: Operation<
  {
    readonly published: Preview | null;
    readonly draft?: Preview | null;
    readonly publishedRules: readonly Rule[] | null;
    readonly draftRules?: readonly Rule[] | null;
  },
  {
    readonly query: string;
    readonly context: ShopperContext;
    readonly at: string | null;
    readonly withDraft: boolean;
  }
> =
  operation(`query Preview($query: String!, $context: ShopperContext!, $at: DateTime, $withDraft: Boolean!) {
  published: previewSearch(query: $query, context: $context, at: $at, draft: false) { ${previewFields} }
  draft: previewSearch(query: $query, context: $context, at: $at, draft: true) @include(if: $withDraft) { ${previewFields} }
  publishedRules: merchandisingRules { ${ruleFields} }
  draftRules: merchandisingRules(draft: true) @include(if: $withDraft) { ${ruleFields} }
}`);

/** Checks the key: only a merchandiser reads rules. */
export const checkKey: Operation<{ readonly merchandisingDraft: unknown }, Record<string, never>> = operation(
  'query CheckKey { merchandisingDraft { changes { ruleId } } }',
);

export const rules: Operation<
  { readonly published: readonly Rule[] | null; readonly draft: readonly Rule[] | null },
  Record<string, never>
> = operation(`query Rules {
  published: merchandisingRules { ${ruleFields} }
  draft: merchandisingRules(draft: true) { ${ruleFields} }
}`);

export const saveRule: Operation<
  {
    readonly saveMerchandisingRule: {
      readonly rule: { readonly id: string } | null;
      readonly warnings: readonly string[];
      readonly userErrors: readonly UserError[];
    } | null;
  },
  { readonly rule: RuleInput }
> = operation(`mutation SaveRule($rule: MerchandisingRuleInput!) {
  saveMerchandisingRule(rule: $rule) { rule { id } warnings userErrors { message path } }
}`);

export const removeRule: Operation<
  {
    readonly removeMerchandisingRule: {
      readonly removedId: string | null;
      readonly userErrors: readonly UserError[];
    } | null;
  },
  { readonly id: string }
> = operation(`mutation RemoveRule($id: ID!) {
  removeMerchandisingRule(id: $id) { removedId userErrors { message path } }
}`);

export interface Synonym {
  readonly id: string;
  readonly locale: string;
  readonly kind: SynonymKind;
  readonly input: string | null;
  readonly terms: readonly string[];
  /** Parts that the search engine in use cannot apply. */
  readonly warnings: readonly string[] | null;
}
export type SynonymKind = 'ONE_WAY' | 'MULTI_WAY' | 'REPLACE' | 'NEVER';
export type SynonymFormat = 'CSV' | 'SOLR' | 'ELASTICSEARCH' | 'ALGOLIA';

interface Loss {
  readonly line: number;
  readonly message: string;
}

export const synonyms: Operation<
  { readonly synonyms: readonly Synonym[] | null },
  Record<string, never>
> = operation('query Synonyms { synonyms { id locale kind input terms warnings } }');

export const saveSynonym: Operation<
  { readonly saveSynonym: { readonly userErrors: readonly UserError[] } | null },
  {
    readonly synonym: {
      readonly locale: string;
      readonly kind: SynonymKind;
      readonly input: string | null;
      readonly terms: readonly string[];
    };
  }
> = operation(`mutation SaveSynonym($synonym: SynonymInput!) {
  saveSynonym(synonym: $synonym) { userErrors { message path } }
}`);

export const removeSynonym: Operation<
  { readonly removeSynonym: { readonly userErrors: readonly UserError[] } | null },
  { readonly id: string }
> = operation('mutation RemoveSynonym($id: ID!) { removeSynonym(id: $id) { userErrors { message path } } }');

export const importSynonyms: Operation<
  {
    readonly importSynonyms: {
      readonly saved: number;
      readonly unchanged: number;
      readonly losses: readonly Loss[];
      readonly userErrors: readonly UserError[];
    } | null;
  },
  { readonly format: SynonymFormat; readonly text: string; readonly locale: string }
> = operation(`mutation ImportSynonyms($format: SynonymFormat!, $text: String!, $locale: String) {
  importSynonyms(format: $format, text: $text, locale: $locale) {
    saved unchanged losses { line message } userErrors { message path }
  }
}`);

export const exportSynonyms: Operation<
  { readonly exportSynonyms: { readonly text: string; readonly losses: readonly Loss[] } | null },
  { readonly format: SynonymFormat }
> = operation(`query ExportSynonyms($format: SynonymFormat!) {
  exportSynonyms(format: $format) { text losses { line message } }
}`);

export interface RuleChange {
  readonly ruleId: string;
  readonly before: Rule | null;
  readonly after: Rule | null;
}

export interface Revision {
  readonly number: number;
  readonly at: string;
  readonly author: string;
  readonly note: string;
  readonly rules: number;
  readonly restores: number | null;
}

export const draft: Operation<
  {
    readonly merchandisingDraft: { readonly changes: readonly RuleChange[] } | null;
    readonly revisions: readonly Revision[] | null;
  },
  Record<string, never>
> = operation(`query Draft {
  merchandisingDraft { changes { ruleId before { ${ruleFields} } after { ${ruleFields} } } }
  revisions(first: 50) { number at author note rules restores }
}`);

interface Named {
  readonly id: string;
  readonly title: string;
}

export interface Replay {
  readonly queries: number;
  readonly searches: number;
  readonly zeroResultsBefore: number;
  readonly zeroResultsAfter: number;
  readonly zeroResultsNew: number;
  readonly overlapAt10: number;
  readonly rbo: number;
  readonly worst: readonly {
    readonly query: string;
    readonly searches: number;
    readonly before: readonly Named[];
    readonly after: readonly Named[];
  }[];
}

export const replay: Operation<
  { readonly replayDraft: Replay | null },
  Record<string, never>
> = operation(`query Replay {
  replayDraft {
    queries searches zeroResultsBefore zeroResultsAfter zeroResultsNew overlapAt10 rbo
    worst { query searches before { id title } after { id title } }
  }
}`);

export interface Publication {
  readonly revision: { readonly number: number; readonly rules: number } | null;
  readonly refused: { readonly message: string } | null;
  readonly userErrors: readonly UserError[];
}

const publicationFields = 'revision { number rules } refused { message } userErrors { message path }';

export const publish: Operation<
  { readonly publishDraft: Publication | null },
  { readonly note: string; readonly force: boolean }
> = operation(`mutation Publish($note: String!, $force: Boolean) {
  publishDraft(note: $note, force: $force) { ${publicationFields} }
}`);

export const rollBack: Operation<{ readonly rollbackTo: Publication | null }, { readonly revision: number }> =
  operation(`mutation RollBack($revision: Int!) {
  rollbackTo(revision: $revision) { ${publicationFields} }
}`);

export const discard: Operation<
  {
    readonly discardDraft: { readonly discarded: number; readonly userErrors: readonly UserError[] } | null;
  },
  Record<string, never>
> = operation('mutation Discard { discardDraft { discarded userErrors { message path } } }');

export interface ReportEntry {
  readonly query: string;
  readonly searches: number;
  readonly zeroResults: number;
  readonly clicked: number;
  readonly clickThroughRate: number | null;
  readonly averageClickPosition: number | null;
}

export const report: Operation<
  { readonly searchReport: readonly ReportEntry[] | null },
  { readonly days: number; readonly filter: string; readonly locale: string | null }
> = operation(`query Report($days: Int, $filter: SearchReportFilter, $locale: Locale) {
  searchReport(days: $days, first: 200, filter: $filter, locale: $locale) {
    query searches zeroResults clicked clickThroughRate averageClickPosition
  }
}`);

interface Money {
  readonly amount: string;
  readonly currency: string;
}
interface Stock {
  readonly storeId: string;
  readonly quantity: number;
}

export interface ProductDetails extends Product {
  readonly gtin: string | null;
  readonly handle: string | null;
  readonly status: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly listPrice: Money | null;
  readonly purchasable: boolean;
  readonly stock: readonly Stock[] | null;
  readonly rating: { readonly average: number; readonly count: number } | null;
  readonly attributes: readonly { readonly label: string; readonly text: string }[];
  readonly variants: readonly {
    readonly id: string;
    readonly sku: string | null;
    readonly title: string;
    readonly status: string;
    readonly price: Money | null;
    readonly inStock: boolean;
    readonly stock: readonly Stock[] | null;
  }[];
}

const detailFields = `${productFields} gtin handle status description tags listPrice { amount currency } purchasable
  stock { storeId quantity } rating { average count } attributes { label text }
  variants { id sku title status price { amount currency } inStock stock { storeId quantity } }`;

export const lookUp: Operation<
  { readonly byCode: ProductDetails | null; readonly byHandle: ProductDetails | null },
  { readonly code: string; readonly handle: string; readonly context: ShopperContext }
> = operation(`query LookUp($code: ID!, $handle: String!, $context: ShopperContext!) {
  byCode: product(id: $code, context: $context) { ${detailFields} }
  byHandle: product(handle: $handle, context: $context) { ${detailFields} }
}`);

export interface Explanation {
  readonly product: Named;
  readonly position: number | null;
  readonly absence: string | null;
  readonly candidates: number;
  readonly recommenders: readonly {
    readonly name: string;
    readonly weight: number;
    readonly candidates: number;
    readonly contribution: number;
  }[];
  readonly blendedScore: number | null;
  readonly blendedRank: number | null;
  readonly seenDemotion: number;
  readonly ruleFactor: number;
  readonly rules: readonly { readonly ruleId: string; readonly effect: string }[];
  readonly pinned: boolean;
  readonly diversity: number;
  readonly diversifiedPosition: number | null;
  readonly diversifiedScore: number | null;
  readonly exploration: string | null;
  readonly fallback: boolean;
  readonly lastScore: number | null;
}

export interface RecommendationItem {
  readonly position: number;
  readonly source: string;
  readonly product: Named;
  readonly reasons: readonly { readonly text: string }[];
}

export interface InspectorVariables {
  readonly context: ShopperContext;
  readonly placement: string;
  readonly first: number;
  readonly page: string | null;
  readonly cart: readonly string[] | null;
  readonly profile: {
    readonly viewed: readonly string[];
    readonly dismissed: readonly string[];
    readonly bought: readonly { readonly product: string; readonly at: string }[];
  };
  readonly product: string;
  readonly other: string;
  readonly withProduct: boolean;
  readonly withOther: boolean;
  readonly withList: boolean;
}

const explanationFields = `product { id title } position absence candidates
  recommenders { name weight candidates contribution }
  blendedScore blendedRank seenDemotion ruleFactor rules { ruleId effect } pinned
  diversity diversifiedPosition diversifiedScore exploration fallback lastScore`;

const explained = (variable: string, condition: string): string => `explainRecommendation(
    placement: $placement, first: $first, productId: $page, cart: $cart, profile: $profile, product: ${variable}
  ) @include(if: ${condition}) { ${explanationFields} }`;

/** The list of a visitor without a history, and the way of one or two products through the ranking. */
export const inspect: Operation<
  {
    readonly shopper: {
      readonly recommendations?: { readonly items: readonly RecommendationItem[] } | null;
      readonly product?: Explanation | null;
      readonly other?: Explanation | null;
    } | null;
  },
  InspectorVariables
> = operation(`query Inspect(
  $context: ShopperContext!, $placement: ID!, $first: Int, $page: ID, $cart: [ID!], $profile: ExampleProfileInput
  $product: ID!, $other: ID!, $withProduct: Boolean!, $withOther: Boolean!, $withList: Boolean!
) {
  shopper(context: $context) {
    recommendations(placement: $placement, first: $first, productId: $page, cart: $cart) @include(if: $withList) {
      items { position source product { id title } reasons { text } }
    }
    product: ${explained('$product', '$withProduct')}
    other: ${explained('$other', '$withOther')}
  }
}`);
