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
