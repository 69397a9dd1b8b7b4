import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Context, ContextInput, Request } from '../../src/context.js';
import { RapportError } from '../../src/errors.js';
import type { Clock, Resolvers } from '../../src/plugin.js';
import type { Catalog, ProductNode } from '../../src/ports/catalog.js';
import type { Customers } from '../../src/ports/customers.js';
import type { Merchandising } from '../../src/ports/merchandising.js';
import type { Search } from '../../src/ports/search.js';
import { type GateSettings, type Refusal, refusalOf } from './gate.js';
import { type ReplayedQuery, type ReplayReport, replay } from './replay.js';

/** Days of searches that a replay takes the most frequent queries from. */
const replayDays = 30;
const queriesMax = 1_000;
const previewMax = 50;

interface Parts {
  readonly merchandising: Merchandising;
  readonly search: Search;
  readonly catalog: Catalog;
  readonly customers: Customers;
  readonly clock: Clock;
  readonly settings: GateSettings;
}

/** Lists of products keep the context that they are shown in. */
interface ShownQuery extends ReplayedQuery {
  readonly context: Context;
}

export function createResolvers({
  merchandising: { rules },
  search,
  catalog,
  customers,
  clock,
  settings,
}: Parts): Resolvers {
  async function nodesOf(ids: readonly string[], context: Context): Promise<readonly ProductNode[]> {
    const products = await catalog.products(ids);
    return products.flatMap((product) => (product?.status === 'ACTIVE' ? [{ product, context }] : []));
  }

  async function replayWith(request: Request, queries: number): Promise<ReplayReport> {
    const shopperWith = (input: ContextInput) => customers.recognise(request.context(input));
    return replay(await search.frequentQueries(replayDays, queries), {
      search,
      clock,
      pause: () => nextTurn(),
      shoppersIn: async (locale) => ({
        published: await shopperWith({ channel: 'WEB', locale }),
        draft: await shopperWith({ channel: 'WEB', locale, draft: true }),
      }),
    });
  }

  return {
    ReplayReport: {
      worst: ({ worst }: ReplayReport, _: unknown, request: Request) => {
        const context = request.context({ channel: 'WEB', draft: true });
        return worst.map((each): ShownQuery => ({ ...each, context }));
      },
    },
    ReplayedQuery: {
      before: ({ before, context }: ShownQuery) => nodesOf(before, context),
      after: ({ after, context }: ShownQuery) => nodesOf(after, context),
    },
    Query: {
      async previewSearch(
        _: unknown,
        args: {
          query: string;
          context: ContextInput;
          at?: Date | null;
          draft?: boolean | null;
          first?: number | null;
        },
        request: Request,
      ) {
        const first = within('first', args.first ?? 20, previewMax);
        const context = request.context({
          ...args.context,
          at: args.at ?? args.context.at ?? null,
          draft: args.draft ?? true,
        });
        const shopper = await customers.recognise(context);
        const answer = await search.preview(shopper, args.query, first);
        for (const warning of answer.warnings) request.warn(warning);
        if (answer.degraded) request.degraded('search');
        return { ...answer, products: await nodesOf(answer.ids, context) };
      },
      replayDraft: (_: unknown, { queries }: { queries?: number | null }, request: Request) =>
        replayWith(request, within('queries', queries ?? queriesMax, queriesMax)),
    },
    Mutation: {
      async publishDraft(
        _: unknown,
        { note, force }: { note: string; force?: boolean | null },
        request: Request,
      ) {
        const refused: Refusal | null =
          force === true || rules.draft().length === 0
            ? null
            : refusalOf(await replayWith(request, queriesMax), settings);
        if (refused) return { revision: null, refused, userErrors: [] };
        return { ...(await rules.publish(note, request.caller)), refused: null };
      },
      async rollbackTo(
        _: unknown,
        { revision, note }: { revision: number; note?: string | null },
        request: Request,
      ) {
        const saved = await rules.rollback(revision, note ?? `back to revision ${revision}`, request.caller);
        return { ...saved, refused: null };
      },
    },
  };
}

function within(name: string, value: number, most: number): number {
  if (value >= 1 && value <= most) return value;
  throw new RapportError('invalid', 'PUBLISHING_ARGUMENT', `${name} is ${value}; 1 to ${most} are allowed`, {
    path: [name],
  });
}
