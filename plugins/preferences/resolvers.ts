import type { ContextInput, Request } from '../../src/context.js';
import { RapportError } from '../../src/errors.js';
import type { Resolvers } from '../../src/plugin.js';
import type { Catalog, ProductNode } from '../../src/ports/catalog.js';
import type { Consent } from '../../src/ports/consent.js';
import type { Customers, Shopper } from '../../src/ports/customers.js';
import type { ShopEvent } from '../../src/ports/events.js';
import type { PreferenceChange, PreferenceState } from '../../src/ports/preferences.js';
import { countsInHistory } from '../../src/ports/product-status.js';
import type { PreferencesPlugin } from './preferences.js';

const firstDefault = 20;
const pageMax = 100;

/** The preferences of a shopper in the graph. */
interface PreferencesNode extends PreferenceState {
  readonly shopper: Shopper;
}

interface ChangePage {
  readonly items: readonly { readonly cursor: string; readonly change: PreferenceChange }[];
  readonly hasNextPage: boolean;
}

export function createResolvers(
  port: PreferencesPlugin,
  needs: { readonly customers: Customers; readonly consent: Consent; readonly catalog: Catalog },
): Resolvers {
  const { customers, consent, catalog } = needs;

  async function read(shopper: Shopper): Promise<PreferencesNode> {
    return { ...(await port.of(shopper)), shopper };
  }

  return {
    Shopper: {
      preferences(shopper: Shopper, _: unknown, request: Request) {
        request.personal();
        return read(shopper);
      },
    },
    Preferences: {
      personalizationPaused: ({ shopper }: PreferencesNode) => consent.isPaused(shopper),
      notForMe: ({ shopper }: PreferencesNode) => port.dismissed(shopper),
      async history(
        { shopper }: PreferencesNode,
        { first, after }: { first?: number | null; after?: string | null },
      ): Promise<ChangePage> {
        return pageOf(await port.history(shopper), first ?? firstDefault, after ?? null);
      },
    },
    DismissedProduct: {
      productId: ({ productIds }: ShopEvent) => productIds[0],
      dismissedAt: ({ atMs }: ShopEvent) => new Date(atMs),
      async product({ productIds }: ShopEvent, _: unknown, request: Request): Promise<ProductNode | null> {
        const reference = catalog.resolve(productIds[0]!);
        if (reference === null) return null;
        const [product] = await catalog.products([reference.productId], () => request.degraded('catalog'));
        if (!product || !countsInHistory(request.caller.role, product.status)) return null;
        return { product, context: null };
      },
    },
    PreferenceChange: { at: ({ atMs }: PreferenceChange) => new Date(atMs) },
    PreferenceChangeConnection: {
      edges: ({ items }: ChangePage) => items.map(({ cursor, change }) => ({ cursor, node: change })),
      nodes: ({ items }: ChangePage) => items.map(({ change }) => change),
      pageInfo: ({ items, hasNextPage }: ChangePage) => ({
        hasNextPage,
        hasPreviousPage: false,
        startCursor: items[0]?.cursor ?? null,
        endCursor: items.at(-1)?.cursor ?? null,
      }),
    },
    Mutation: {
      async setPreferences(
        _: unknown,
        args: { context: ContextInput; preferences: unknown },
        request: Request,
      ) {
        request.personal();
        const context = request.context(args.context);
        const { userErrors } = await port.set(await customers.recognise(context), args.preferences);
        // A context of its own, so that nothing derived for the shopper before the change is met again.
        const shopper = await customers.recognise({ ...context, signal: context.signal });
        return { shopper, preferences: await read(shopper), userErrors };
      },
    },
  };
}

/** A page of changes, newest first. A cursor names a moment and a preference, so what changes meanwhile shifts nothing. */
function pageOf(changes: readonly PreferenceChange[], first: number, after: string | null): ChangePage {
  if (!Number.isInteger(first) || first < 1 || first > pageMax)
    throw new RapportError(
      'invalid',
      'PREFERENCES_FIRST_INVALID',
      `first must be a whole number from 1 to ${pageMax}, not ${first}`,
      { path: ['first'] },
    );
  const all = changes
    .map((change) => ({ change, key: `${String(change.atMs).padStart(16, '0')} ${change.name}` }))
    .sort((a, b) => (a.key > b.key ? -1 : 1));
  const from = after === null ? null : readCursor(after);
  const rest = from === null ? all : all.filter(({ key }) => key < from);
  return {
    items: rest
      .slice(0, first)
      .map(({ change, key }) => ({ cursor: Buffer.from(key).toString('base64url'), change })),
    hasNextPage: rest.length > first,
  };
}

function readCursor(after: string): string {
  const key = Buffer.from(after.slice(0, 400), 'base64url').toString();
  if (/^\d{16} ./u.test(key)) return key;
  throw new RapportError(
    'invalid',
    'PREFERENCES_CURSOR_INVALID',
    `after ${JSON.stringify(after.slice(0, 40))} is not a cursor of this list; use pageInfo.endCursor of a page, or leave it out`,
    { path: ['after'] },
  );
}
