import { listOf, localOf, momentOf } from './context.js';
import type { Action, Condition, Filter, Rule, RuleInput } from './rule.js';

export const actionKinds = ['pin', 'boost', 'bury', 'hide', 'filter', 'redirect'] as const;
export type ActionKind = (typeof actionKinds)[number];

/** An action as the controls of a form have it. */
export interface ActionDraft {
  readonly kind: ActionKind;
  readonly productId: string;
  readonly position: string;
  readonly ids: string;
  readonly brands: string;
  readonly categoryId: string;
  readonly factor: string;
  readonly url: string;
}

/** A rule as the controls of a form have it: lists with commas, moments in the time zone of the browser. */
export interface RuleDraft {
  /** The rule that is replaced; null for a new one. */
  readonly original: Rule | null;
  readonly name: string;
  readonly enabled: boolean;
  readonly priority: string;
  readonly match: string;
  readonly text: string;
  readonly categoryId: string;
  readonly segmentId: string;
  readonly placements: string;
  readonly channels: string;
  readonly storeIds: string;
  readonly locales: string;
  readonly from: string;
  readonly until: string;
  readonly actions: readonly ActionDraft[];
}

export const emptyAction: ActionDraft = {
  kind: 'pin',
  productId: '',
  position: '1',
  ids: '',
  brands: '',
  categoryId: '',
  factor: '2',
  url: '',
};

const joined = (entries: readonly string[] | null | undefined): string => (entries ?? []).join(', ');

export function actionDraftOf(action: Action): ActionDraft {
  const kind = actionKinds.find((each) => action[each]) ?? 'pin';
  const filter = (action.boost ?? action.bury ?? action.hide ?? action.filter)?.filter;
  return {
    ...emptyAction,
    kind,
    productId: action.pin?.productId ?? '',
    position: String(action.pin?.position ?? 1),
    ids: joined(filter?.ids),
    brands: joined(filter?.brands),
    categoryId: filter?.categoryId ?? '',
    factor: String((action.boost ?? action.bury)?.factor ?? 2),
    url: action.redirect?.url ?? '',
  };
}

/** A new rule for the searches with this text; for all lists without one. */
export function newRule(query: string): RuleDraft {
  return {
    original: null,
    name: query && `Search “${query}”`,
    enabled: true,
    priority: '0',
    match: query && 'EXACT',
    text: query,
    categoryId: '',
    segmentId: '',
    placements: '',
    channels: '',
    storeIds: '',
    locales: '',
    from: '',
    until: '',
    actions: [],
  };
}

export function ruleDraftOf(rule: Rule): RuleDraft {
  const { when } = rule;
  return {
    original: rule,
    name: rule.name,
    enabled: rule.enabled,
    priority: String(rule.priority),
    match: when.query?.match ?? '',
    text: when.query?.text ?? '',
    categoryId: when.categoryId ?? '',
    segmentId: when.segmentId ?? '',
    placements: joined(when.placements),
    channels: joined(when.channels),
    storeIds: joined(when.storeIds),
    locales: joined(when.locales),
    from: localOf(when.from),
    until: localOf(when.until),
    actions: rule.then.map(actionDraftOf),
  };
}

function filterOf({ ids, brands, categoryId }: ActionDraft): Filter {
  const [idList, brandList] = [listOf(ids), listOf(brands)];
  return {
    ...(idList.length > 0 ? { ids: idList } : {}),
    ...(brandList.length > 0 ? { brands: brandList } : {}),
    ...(categoryId.trim() ? { categoryId: categoryId.trim() } : {}),
  };
}

function actionOf(draft: ActionDraft): Action {
  const filter = filterOf(draft);
  const factor = Number(draft.factor);
  switch (draft.kind) {
    case 'pin':
      return { pin: { productId: draft.productId.trim(), position: Number(draft.position) } };
    case 'boost':
      return { boost: { filter, factor } };
    case 'bury':
      return { bury: { filter, factor } };
    case 'hide':
      return { hide: { filter } };
    case 'filter':
      return { filter: { filter } };
    case 'redirect':
      return { redirect: { url: draft.url.trim() } };
  }
}

/** A control has minutes only, so a moment that was not changed keeps its seconds. */
function momentAfter(local: string, before: string | null | undefined): string | null {
  return before && localOf(before) === local ? before : momentOf(local);
}

function orNull(text: string): readonly string[] | null {
  const entries = listOf(text);
  return entries.length > 0 ? entries : null;
}

export function ruleInputOf(draft: RuleDraft): RuleInput {
  const before = draft.original?.when;
  const match = draft.match as '' | 'EXACT' | 'CONTAINS' | 'ANY';
  const when: Condition = {
    query: match === '' ? null : { match, text: match === 'ANY' ? null : draft.text.trim() },
    categoryId: draft.categoryId.trim() || null,
    segmentId: draft.segmentId.trim() || null,
    placements: orNull(draft.placements),
    channels: orNull(draft.channels),
    storeIds: orNull(draft.storeIds),
    locales: orNull(draft.locales),
    from: momentAfter(draft.from, before?.from),
    until: momentAfter(draft.until, before?.until),
  };
  return {
    ...(draft.original ? { id: draft.original.id } : {}),
    name: draft.name.trim(),
    enabled: draft.enabled,
    priority: Number(draft.priority),
    when,
    then: draft.actions.map(actionOf),
  };
}
