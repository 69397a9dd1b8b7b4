import { type Context, inCustomerGroup, type Request } from '../../src/context.js';
import { RapportError } from '../../src/errors.js';
import type { FoundIdentity, Instance } from '../../src/plugin.js';
import { type Catalog, type ProductNode, type VariantNode, variantsOf } from '../../src/ports/catalog.js';
import { maySee } from '../../src/ports/product-status.js';
import { type CollectionNode, seesCollection } from './collection-fields.js';
import type { CategoryNode, SellerNode } from './product-fields.js';

interface NodeParts {
  readonly catalog: Catalog;
  /** The context with the group of its customer, if the customer has one. */
  inGroup(context: Context, request: Request): Promise<Context>;
  seesCategory(request: Request, id: string): boolean;
}

/** The identities of the objects of the catalog, and how an object is found by its identity. */
export function catalogNodes({
  catalog,
  inGroup,
  seesCategory,
}: NodeParts): NonNullable<Instance<unknown>['nodes']> {
  /** The place of a product in the customer group that it was returned for. Throws `denied` for a caller who is not in it. */
  async function placeOf(
    { context, customerGroup }: FoundIdentity<never>,
    request: Request,
  ): Promise<Context | null> {
    if (context === null || customerGroup === (context.customerGroup ?? null)) return context;
    const own = await inGroup(context, request);
    if (own.customerGroup !== customerGroup) throw ofAnotherGroup();
    request.personal();
    return inCustomerGroup(context, customerGroup!);
  }

  async function product(
    identity: FoundIdentity<never>,
    id: string,
    request: Request,
  ): Promise<ProductNode | null> {
    const context = await placeOf(identity, request);
    const [found] = await catalog.products([id], () => request.degraded('catalog'));
    return found && maySee(request.caller.role, found.status) ? { product: found, context } : null;
  }

  return {
    Product: {
      field: 'Query.product',
      view: 'place',
      identify: ({ product: { id }, context }: ProductNode) => ({ context, key: [id] }),
      find: (identity: FoundIdentity<never>, request: Request) => {
        const [id] = identity.key as readonly [string];
        return product(identity, id, request);
      },
    },
    ProductVariant: {
      field: 'Query.product',
      view: 'place',
      identify: ({
        node: {
          product: { id },
          context,
        },
        variant,
      }: VariantNode) => ({
        context,
        key: [id, variant.id],
      }),
      async find(identity: FoundIdentity<never>, request: Request): Promise<VariantNode | null> {
        const [id, variantId] = identity.key as readonly [string, string];
        const node = await product(identity, id, request);
        const variants = node === null ? [] : variantsOf(node.product);
        const place = variants.findIndex((variant) => variant.id === variantId);
        const variant = variants[place];
        if (!variant || !maySee(request.caller.role, variant.status ?? 'ACTIVE')) return null;
        return { node: node!, variant, place };
      },
    },
    Seller: {
      field: 'Query.product',
      view: 'place',
      identify: ({ productId, seller }: SellerNode) => ({ context: null, key: [productId, seller.id] }),
      async find(identity: FoundIdentity<never>, request: Request): Promise<SellerNode | null> {
        const [productId, id] = identity.key as readonly [string, string];
        const found = await product(identity, productId, request);
        const seller = found?.product.sellers.find((each) => each.id === id);
        return seller ? { productId, seller } : null;
      },
    },
    Category: {
      field: 'Query.categories',
      view: 'place',
      identify: ({ category, locale }: CategoryNode) => ({ context: null, key: [category.id, locale] }),
      find(
        { key: [id, locale] }: FoundIdentity<[string, string | null]>,
        request: Request,
      ): CategoryNode | null {
        const category = seesCategory(request, id) ? catalog.category(id) : null;
        return category && { category, locale };
      },
    },
    Collection: {
      field: 'Query.collection',
      view: 'place',
      identify: ({ collection, locale }: CollectionNode) => ({ context: null, key: [collection.id, locale] }),
      find(
        { key: [id, locale] }: FoundIdentity<[string, string | null]>,
        { caller }: Request,
      ): CollectionNode | null {
        const collection = catalog.collections.get(id);
        return collection && seesCollection(caller.role, collection) ? { collection, locale } : null;
      },
    },
  };
}

function ofAnotherGroup(): RapportError {
  return new RapportError(
    'denied',
    'NODE_DENIED',
    'nodeId is of the prices of a customer group; fetch it with the token of a customer of that group, or with a SERVER key',
    { path: ['nodeId'] },
  );
}
