import { z } from 'zod';
import { channels } from '../../../src/context.js';
import { type UserError, userError } from '../../../src/errors.js';
import { checkInput } from '../../../src/kit/check-input.js';
import type { MerchandisingRule, RuleAction } from '../../../src/ports/merchandising.js';
import { factorMax, positionMax, urlCharsMax } from '../../../src/ports/ranking.js';
import { foldedTerm, isLanguageTag } from '../synonyms/synonym-input.js';

const actionsMax = 20;
const idsMax = 200;
const namesMax = 50;

const id = z.string().min(1).max(128);
const ids = z.array(id).min(1).max(idsMax).nullish();

const filter = z
  .strictObject({
    ids,
    brands: z.array(z.string().min(1).max(128)).min(1).max(namesMax).nullish(),
    categoryId: id.nullish(),
  })
  .refine(({ ids, brands, categoryId }) => ids || brands || (categoryId ?? null) !== null, {
    message: 'needs at least one of ids, brands and categoryId',
  });

const action = z
  .strictObject({
    pin: z.strictObject({ productId: id, position: z.int().min(1).max(positionMax) }).nullish(),
    boost: z.strictObject({ filter, factor: z.number().gt(1).max(factorMax) }).nullish(),
    bury: z.strictObject({ filter, factor: z.number().gt(0).lt(1) }).nullish(),
    hide: z.strictObject({ filter }).nullish(),
    filter: z.strictObject({ filter }).nullish(),
    redirect: z
      .strictObject({
        url: z
          .string()
          .max(urlCharsMax)
          .refine(isPage, { message: 'must be an http or https URL, or a path that begins with "/"' }),
      })
      .nullish(),
  })
  .transform((each, context): RuleAction => {
    const given = Object.entries(each).filter(([, value]) => (value ?? null) !== null);
    if (given.length !== 1)
      context.addIssue({ code: 'custom', message: `must have one action, not ${given.length}` });
    return Object.fromEntries(given) as RuleAction;
  });

const moment = z.date().nullish();

const input = z.strictObject({
  id: id.nullish(),
  name: z.string().trim().min(1).max(100),
  enabled: z.boolean().nullish(),
  priority: z.int().min(-1_000).max(1_000).nullish(),
  when: z
    .strictObject({
      query: z
        .strictObject({ match: z.enum(['EXACT', 'CONTAINS', 'ANY']), text: z.string().max(200).nullish() })
        .nullish(),
      categoryId: id.nullish(),
      segmentId: id.nullish(),
      placements: z.array(id).min(1).max(namesMax).nullish(),
      channels: z.array(z.enum(channels)).min(1).nullish(),
      storeIds: z.array(id).min(1).max(idsMax).nullish(),
      locales: z.array(z.string()).min(1).max(namesMax).nullish(),
      from: moment,
      until: moment,
    })
    .nullish(),
  then: z.array(action).min(1).max(actionsMax),
});

/** A rule that may be saved once it has an id and a time. */
export type RuleDraft = Omit<MerchandisingRule, 'id' | 'updatedAtMs'> & { readonly id: string | null };

type CheckedRule =
  | { readonly draft: RuleDraft; readonly userErrors: readonly [] }
  | { readonly draft: null; readonly userErrors: readonly UserError[] };

/** Checks one `MerchandisingRuleInput`; names every fault and what is allowed. */
export function checkRule(raw: unknown): CheckedRule {
  const parsed = checkInput(input, raw);
  if (parsed.faults !== null) {
    return {
      draft: null,
      userErrors: parsed.faults.map(({ path, message }) =>
        userError('MERCHANDISING_RULE_INVALID', message, ['rule', ...path]),
      ),
    };
  }
  const { id = null, name, enabled, priority, when, then } = parsed.data;
  const { query, categoryId, segmentId, placements, from, until, ...place } = when ?? {};
  const faults: UserError[] = [];
  const fault = (message: string, ...path: (string | number)[]): void => {
    faults.push(userError('MERCHANDISING_RULE_INVALID', message, ['rule', ...path]));
  };
  if (query && query.match !== 'ANY' && foldedTerm(query.text ?? '') === '')
    fault(`${query.match} needs a text of at least one letter or digit`, 'when', 'query', 'text');
  if (query?.match === 'ANY' && (query.text ?? null) !== null)
    fault('ANY takes no text; it holds for every search', 'when', 'query', 'text');
  if (placements && (query || (categoryId ?? null) !== null))
    fault('placements are recommendations; leave out query and categoryId', 'when', 'placements');
  for (const [i, locale] of (place.locales ?? []).entries()) {
    if (!isLanguageTag(locale))
      fault(`"${locale.slice(0, 40)}" is not a BCP 47 language; use one such as "de"`, 'when', 'locales', i);
  }
  if (from && until && from >= until)
    fault(`until (${until.toISOString()}) must be after from (${from.toISOString()})`, 'when', 'until');
  for (const [i, each] of then.entries()) {
    if ('redirect' in each && !query)
      fault('redirect needs a query in `when`: only searches lead to a page', 'then', i, 'redirect');
  }
  if (faults.length > 0) return { draft: null, userErrors: faults };
  return {
    draft: {
      id,
      name,
      enabled: enabled ?? true,
      priority: priority ?? 0,
      when: {
        query: query ? { match: query.match, text: query.text ?? null } : null,
        categoryId: categoryId ?? null,
        segmentId: segmentId ?? null,
        placements: placements ?? null,
        channels: place.channels ?? null,
        storeIds: place.storeIds ?? null,
        locales: place.locales ?? null,
        fromMs: from?.getTime() ?? null,
        untilMs: until?.getTime() ?? null,
      },
      then,
    },
    userErrors: [],
  };
}

function isPage(url: string): boolean {
  // Browsers read two slashes, of either kind, as the beginning of another host.
  if (url.startsWith('/')) return !/^\/[/\\]/.test(url);
  return URL.canParse(url) && ['http:', 'https:'].includes(new URL(url).protocol);
}
