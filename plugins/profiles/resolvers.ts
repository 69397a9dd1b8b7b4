import type { Request } from '../../src/context.js';
import { formatAmount } from '../../src/money.js';
import type { FoundIdentity, Instance, Resolvers } from '../../src/plugin.js';
import type { Catalog, Product, ProductNode } from '../../src/ports/catalog.js';
import type { Consent, Permit } from '../../src/ports/consent.js';
import type { Customer, Customers } from '../../src/ports/customers.js';
import type { Events, Order, OrderLine, ShopEvent, WishlistItem } from '../../src/ports/events.js';
import { countsInHistory } from '../../src/ports/product-status.js';
import type { Profiles } from '../../src/ports/profiles.js';
import { lifecycleAt } from './lifecycle.js';
import { type Amount, keptOrders, type Metrics, metricsOf } from './metrics.js';
import { type OrderPage, pageOf, publicId } from './order-pages.js';

const eventsMax = 1_000;
const firstDefault = 20;
const readMax = 1_000;

export interface ProfileNeeds {
  readonly catalog: Catalog;
  readonly customers: Customers;
  readonly consent: Consent;
  readonly events: Events;
}

/** An order, and the customer as whose it was read. */
interface OrderNode {
  readonly order: Order;
  readonly customerId: string;
}

interface OrdersNode extends OrderPage {
  readonly customerId: string;
}

/** A line of an order as it was put into it, with the currency of the order. */
interface LineNode {
  readonly line: OrderLine;
  readonly currency: string | null;
}

type Read = Permit<'PERSONALIZATION'> | null;

export function createResolvers(
  { catalog, customers, consent, events }: ProfileNeeds,
  settings: { readonly intervalDays: number; readonly sizeOptions: ReadonlySet<string> },
  nowMs: () => number,
): {
  readonly port: Profiles;
  readonly resolvers: Resolvers;
  readonly nodes: NonNullable<Instance<unknown>['nodes']>;
} {
  /** One read for all fields of one customer of a response. Never of two requests, which may have other callers and consents. */
  const permits = perRequest<Promise<Read>>();
  const metrics = perRequest<Promise<Metrics | null>>();
  const ordersRead = new WeakMap<Permit<'PERSONALIZATION'>, Promise<readonly Order[]>>();

  /** null: the customer does not permit personalization. */
  async function readPermit(id: string, request: Request): Promise<Read> {
    request.personal();
    // A token may name another customer of the same person, and a context only its own.
    const { role, customerId: own } = request.caller;
    const customerId = role === 'STOREFRONT' ? own : id;
    const shopper = await customers.recognise(request.context({ channel: 'WEB', customerId }));
    return consent.permit(shopper, 'PERSONALIZATION');
  }

  function permitOf(customer: Customer, request: Request): Promise<Read> {
    return permits(request, customer, () => readPermit(customer.id, request));
  }

  function ordersOf(permit: Permit<'PERSONALIZATION'>): Promise<readonly Order[]> {
    const orders = ordersRead.get(permit) ?? events.orders(permit, { limit: eventsMax });
    ordersRead.set(permit, orders);
    return orders;
  }

  const lifecycle: Profiles['lifecycle'] = async (permit, sinceMs, atMs) => {
    const timesMs = keptOrders(await ordersOf(permit)).map((order) => order.atMs);
    return lifecycleAt(timesMs, settings.intervalDays, sinceMs, atMs);
  };

  /** An order of a customer whom the caller may read. */
  async function orderOf(customerId: string, id: string, request: Request): Promise<OrderNode | null> {
    const own = request.caller.customerId;
    const isOwn = own !== null && (await customers.personOf(own)).members.includes(customerId);
    if (!isOwn) request.allow('SERVER');
    const permit = await readPermit(customerId, request);
    if (permit === null) return null;
    const orders = await ordersOf(permit);
    const order = orders.find((each) => publicId(each) === id);
    return order === undefined ? null : { order, customerId };
  }

  async function productsOf(codes: Iterable<string>): Promise<ReadonlyMap<string, Product>> {
    const ids = [...new Set([...codes].map((code) => catalog.resolve(code)?.productId ?? ''))].filter(
      Boolean,
    );
    const found = new Map<string, Product>();
    for (let from = 0; from < ids.length; from += readMax) {
      for (const product of await catalog.products(ids.slice(from, from + readMax)))
        if (product !== null) found.set(product.id, product);
    }
    return found;
  }

  async function readMetrics(permit: Permit<'PERSONALIZATION'>): Promise<Metrics> {
    const [orders, responses] = await Promise.all([
      ordersOf(permit),
      events.history(permit, {
        limit: eventsMax,
        types: ['RECOMMENDATION_SHOWN', 'RECOMMENDATION_CLICKED'],
      }),
    ]);
    const products = await productsOf(orders.flatMap(({ lines }) => lines.map(({ productId }) => productId)));
    return metricsOf(orders, responses, products, catalog, settings, nowMs());
  }

  function metricsFor(customer: Customer, request: Request): Promise<Metrics | null> {
    return metrics(request, customer, async () => {
      const permit = await permitOf(customer, request);
      return permit === null ? null : readMetrics(permit);
    });
  }

  async function productNode(code: string, request: Request): Promise<ProductNode | null> {
    const reference = catalog.resolve(code);
    if (reference === null) return null;
    const [product] = await catalog.products([reference.productId], () => request.degraded('catalog'));
    if (!product || !countsInHistory(request.caller.role, product.status)) return null;
    return { product, context: null };
  }

  const nodes = {
    Order: {
      field: 'Query.customer',
      view: 'person',
      identify: ({ order, customerId }: OrderNode) => ({ context: null, key: [customerId, publicId(order)] }),
      find: ({ key: [customerId, id] }: FoundIdentity<[string, string]>, request: Request) =>
        orderOf(customerId, id, request),
    },
  } as const;
  const resolvers: Resolvers = {
    Customer: {
      async lifecycle(customer: Customer, _: unknown, request: Request) {
        const permit = await permitOf(customer, request);
        return permit === null ? null : (await lifecycle(permit, customer.createdAtMs, nowMs())).stage;
      },
      metrics: (customer: Customer, _: unknown, request: Request) => metricsFor(customer, request),
      async orders(
        customer: Customer,
        { first, after }: { first?: number | null; after?: string | null },
        request: Request,
      ): Promise<OrdersNode | null> {
        const permit = await permitOf(customer, request);
        if (permit === null) return null;
        const orders = await ordersOf(permit);
        return { ...pageOf(orders, first ?? firstDefault, after ?? null), customerId: customer.id };
      },
      async reviews(customer: Customer, _: unknown, request: Request): Promise<readonly ShopEvent[] | null> {
        const permit = await permitOf(customer, request);
        if (permit === null) return null;
        const rated = await events.history(permit, { limit: eventsMax, types: ['PRODUCT_RATED'] });
        const last = new Map<string, ShopEvent>();
        for (const event of rated) {
          const code = event.productIds[0]!;
          const id = catalog.resolve(code)?.productId ?? code;
          if (!last.has(id)) last.set(id, event);
        }
        return [...last.values()];
      },
      async wishlist(customer: Customer, _: unknown, request: Request) {
        const permit = await permitOf(customer, request);
        return permit === null ? null : events.wishlist(permit);
      },
    },
    CustomerMetrics: {
      lastOrderAt: ({ lastOrderAtMs }: Metrics) => (lastOrderAtMs === null ? null : new Date(lastOrderAtMs)),
      spent: ({ spent }: Metrics) => spent.map(money),
      priceLevel: ({ priceLevel }: Metrics) => (priceLevel === null ? null : money(priceLevel)),
      favouriteCategory({ favouriteCategoryId: id }: Metrics, _: unknown, { caller }: Request) {
        const category = id === null ? null : catalog.category(id);
        const isSeen =
          category !== null && (caller.role !== 'STOREFRONT' || catalog.isPublished(category.id));
        return isSeen ? { category, locale: null } : null;
      },
    },
    ChannelResponsiveness: {
      clickRate: ({ shown, clicked }: { shown: number; clicked: number }) =>
        shown === 0 ? null : Math.min(1, clicked / shown),
    },
    OrderConnection: {
      edges: ({ items, customerId }: OrdersNode) =>
        items.map(({ cursor, order }) => ({ cursor, node: { order, customerId } })),
      nodes: ({ items, customerId }: OrdersNode) => items.map(({ order }) => ({ order, customerId })),
      pageInfo: ({ items, hasNextPage }: OrdersNode) => ({
        hasNextPage,
        hasPreviousPage: false,
        startCursor: items[0]?.cursor ?? null,
        endCursor: items.at(-1)?.cursor ?? null,
      }),
    },
    Order: {
      id: ({ order }: OrderNode) => publicId(order),
      orderId: ({ order }: OrderNode) => order.orderId,
      at: ({ order }: OrderNode) => new Date(order.atMs),
      channel: ({ order }: OrderNode) => order.channel,
      storeId: ({ order }: OrderNode) => order.storeId,
      status: ({ order }: OrderNode) => order.status,
      lines: ({ order: { lines, currency } }: OrderNode): readonly LineNode[] =>
        lines.map((line) => ({ line, currency })),
      value: ({ order: { value, currency } }: OrderNode) =>
        value === null || currency === null ? null : money({ minor: value, currency }),
    },
    OrderLine: {
      productId: ({ line }: LineNode) => line.productId,
      quantity: ({ line }: LineNode) => line.quantity,
      returned: ({ line }: LineNode) => line.returned,
      price: ({ line: { price }, currency }: LineNode) =>
        price === null || currency === null ? null : money({ minor: price, currency }),
      product: ({ line }: LineNode, _: unknown, request: Request) => productNode(line.productId, request),
    },
    CustomerReview: {
      productId: ({ productIds }: ShopEvent) => productIds[0],
      product: ({ productIds }: ShopEvent, _: unknown, request: Request) =>
        productNode(productIds[0]!, request),
      rating: ({ value }: ShopEvent) => value,
      at: ({ atMs }: ShopEvent) => new Date(atMs),
    },
    WishlistItem: {
      product: ({ productId }: WishlistItem, _: unknown, request: Request) => productNode(productId, request),
      addedAt: ({ addedAtMs }: WishlistItem) => new Date(addedAtMs),
    },
  };
  return { port: { lifecycle }, resolvers, nodes };
}

/** Reads a value once for each object of a request. */
function perRequest<V>(): (request: Request, of: Customer, read: () => V) => V {
  const values = new WeakMap<Request, WeakMap<Customer, V>>();
  return (request, of, read) => {
    const own = values.get(request) ?? new WeakMap<Customer, V>();
    values.set(request, own);
    const value = own.get(of) ?? read();
    own.set(of, value);
    return value;
  };
}

function money({ minor, currency }: Amount): { readonly amount: string; readonly currency: string } {
  return { amount: formatAmount(minor, currency), currency };
}
