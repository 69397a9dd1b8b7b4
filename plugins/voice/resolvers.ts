import type { ContextInput, Request } from '../../src/context.js';
import { type UserError, userError } from '../../src/errors.js';
import { shownValue } from '../../src/kit/shown-value.js';
import type { Resolvers } from '../../src/plugin.js';
import type { Catalog, ProductNode } from '../../src/ports/catalog.js';
import { type Handovers, handoverProductsMax } from './handovers.js';

/** Units of an attempt to open a handover. A code has eight digits, so that guessing must be slow. */
const attemptUnits = 100;
const codeMax = 100;

interface CreateArgs {
  readonly context: ContextInput;
  readonly decisionId?: string | null;
  readonly productIds: readonly string[];
}

interface OpenArgs {
  readonly context: ContextInput;
  readonly code: string;
}

const reasons = {
  OPENED: ['VOICE_HANDOVER_OPENED', 'was opened before; each code works once'],
  EXPIRED: ['VOICE_HANDOVER_EXPIRED', 'has expired; ask for a new one'],
  UNKNOWN: ['VOICE_HANDOVER_UNKNOWN', 'is not known; a code has eight digits, and blanks do not matter'],
} as const;

export function createResolvers(handovers: Handovers, catalog: Catalog): Resolvers {
  /** The ids of products by any of their codes; `userErrors` names those that no product has. */
  function resolve(codes: readonly string[]): {
    readonly ids: readonly string[];
    readonly userErrors: readonly UserError[];
  } {
    if (codes.length === 0 || codes.length > handoverProductsMax) {
      const message = `productIds has ${codes.length} entries; 1 to ${handoverProductsMax} are allowed`;
      return { ids: [], userErrors: [userError('VOICE_HANDOVER_PRODUCTS', message, ['productIds'])] };
    }
    const ids: string[] = [];
    const userErrors: UserError[] = [];
    codes.forEach((code, at) => {
      const productId = catalog.resolve(code)?.productId;
      if (productId !== undefined) ids.push(productId);
      else {
        const message = `productIds: no product has the id, SKU or GTIN ${shownValue(code)}`;
        userErrors.push(userError('VOICE_HANDOVER_PRODUCTS', message, ['productIds', at]));
      }
    });
    return { ids, userErrors };
  }

  return {
    Query: {
      handover: async (_: unknown, { code }: { readonly code: string }, request: Request) => {
        request.personal();
        request.charge(attemptUnits);
        const found = code.length > codeMax ? null : await handovers.statusOf(code);
        return found && { status: found.status, expiresAt: new Date(found.expiresAtMs) };
      },
    },
    Mutation: {
      async createHandover(
        _: unknown,
        { context, decisionId = null, productIds }: CreateArgs,
        request: Request,
      ) {
        const { sessionId } = request.context(context);
        const { ids, userErrors } = resolve(productIds);
        if (userErrors.length > 0) return { code: null, url: null, expiresAt: null, userErrors };
        const { code, url, expiresAtMs } = await handovers.create({ decisionId, productIds: ids }, sessionId);
        return { code, url, expiresAt: new Date(expiresAtMs), userErrors: [] };
      },
      async openHandover(_: unknown, { context, code }: OpenArgs, request: Request) {
        request.personal();
        request.charge(attemptUnits);
        const here = request.context(context);
        const taken = code.length > codeMax ? null : await handovers.take(code);
        if (taken === null || typeof taken === 'string') {
          const [errorCode, why] = reasons[taken ?? 'UNKNOWN'];
          const errors = [userError(errorCode, `code ${shownValue(code)} ${why}`, ['code'])];
          return { decisionId: null, products: [], userErrors: errors };
        }
        const read = await catalog.products(taken.productIds);
        const products = read.flatMap((product): ProductNode[] =>
          product?.status === 'ACTIVE' ? [{ product, context: here }] : [],
        );
        return { decisionId: taken.decisionId, products, userErrors: [] };
      },
    },
  };
}
