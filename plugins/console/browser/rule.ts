import { shownMoment } from './context.js';

/** A rule of merchandisers, as the schema's `MerchandisingRule`. Absent parts are null. */
export interface Rule {
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly priority: number;
  readonly when: Condition;
  readonly then: readonly Action[];
}

export interface Condition {
  readonly query?: { readonly match: 'EXACT' | 'CONTAINS' | 'ANY'; readonly text?: string | null } | null;
  readonly categoryId?: string | null;
  readonly segmentId?: string | null;
  readonly placements?: readonly string[] | null;
  readonly channels?: readonly string[] | null;
  readonly storeIds?: readonly string[] | null;
  readonly locales?: readonly string[] | null;
  readonly from?: string | null;
  readonly until?: string | null;
}

export interface Filter {
  readonly ids?: readonly string[] | null;
  readonly brands?: readonly string[] | null;
  readonly categoryId?: string | null;
}

/** One of the fields is set. */
export interface Action {
  readonly pin?: { readonly productId: string; readonly position: number } | null;
  readonly boost?: { readonly filter: Filter; readonly factor: number } | null;
  readonly bury?: { readonly filter: Filter; readonly factor: number } | null;
  readonly hide?: { readonly filter: Filter } | null;
  readonly filter?: { readonly filter: Filter } | null;
  readonly redirect?: { readonly url: string } | null;
}

/** A rule that is being written; without an id it is a new one. */
export type RuleInput = Omit<Rule, 'id'> & { readonly id?: string };

const listed = (entries: readonly string[]): string => entries.join(', ');

export function describeFilter({ ids, brands, categoryId }: Filter): string {
  return [
    ids && `products ${listed(ids)}`,
    brands && `brand ${listed(brands)}`,
    categoryId && `category ${categoryId}`,
  ]
    .filter(Boolean)
    .join(' and ');
}

export function describeAction({ pin, boost, bury, hide, filter, redirect }: Action): string {
  if (pin) return `pin ${pin.productId} to position ${pin.position}`;
  if (boost) return `boost ${describeFilter(boost.filter)} by ${boost.factor}`;
  if (bury) return `bury ${describeFilter(bury.filter)} by ${bury.factor}`;
  if (hide) return `hide ${describeFilter(hide.filter)}`;
  if (filter) return `show only ${describeFilter(filter.filter)}`;
  return redirect ? `redirect to ${redirect.url}` : '';
}

export function describeCondition(when: Condition): string {
  const { query, categoryId, segmentId, placements, channels, storeIds, locales, from, until } = when;
  const match = { EXACT: 'is', CONTAINS: 'contains', ANY: 'is anything' };
  const parts = [
    query && `query ${match[query.match]}${query.text ? ` “${query.text}”` : ''}`,
    categoryId && `category ${categoryId}`,
    segmentId && `segment ${segmentId}`,
    placements && `placement ${listed(placements)}`,
    channels && `channel ${listed(channels)}`,
    storeIds && `store ${listed(storeIds)}`,
    locales && `language ${listed(locales)}`,
    from && `from ${shownMoment(from)}`,
    until && `until ${shownMoment(until)}`,
  ].filter(Boolean);
  return parts.length > 0 ? parts.join(', ') : 'always';
}

/** The input of the mutation: without the null parts, of which `@oneOf` allows none. */
export function inputOf(rule: RuleInput): RuleInput {
  return withoutNulls(rule) as RuleInput;
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, part]) => part !== null && part !== undefined)
      .map(([name, part]) => [name, withoutNulls(part)]),
  );
}
