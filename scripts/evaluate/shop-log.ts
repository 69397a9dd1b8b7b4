import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import type { Category, Product, Shelf } from '../../src/ports/catalog.js';
import type { ShopEvent } from '../../src/ports/events.js';
import { createChance } from '../demo/chance.js';
import { people } from '../demo/people.js';
import { demoCategories, demoProducts } from '../demo/products.js';
import { createSimulation } from '../demo/shoppers.js';
import { plainProduct } from './plain-product.js';

/** A shop and what happened in it, oldest first, in the memory of the process. */
export interface ShopLog {
  readonly dataset: string;
  readonly products: readonly Product[];
  readonly shelf: Shelf;
  category(id: string): Category | null;
  readonly events: readonly ShopEvent[];
}

type Deed = Pick<ShopEvent, 'type' | 'sessionId' | 'productIds' | 'atMs'> & Partial<ShopEvent>;

export function eventOf(deed: Deed, at: number): ShopEvent {
  return {
    // A storefront writes what shoppers do, and the shop's server their orders: the limits of what is believed hold as in a shop.
    id: `${deed.type === 'ORDER_COMPLETED' ? 'server' : 'storefront'}-evaluation:e${at}`,
    customerId: null,
    channel: 'WEB',
    storeId: null,
    quantities: null,
    prices: null,
    orderId: null,
    value: null,
    currency: null,
    query: null,
    queryId: null,
    decisionId: null,
    position: null,
    properties: null,
    receivedAtMs: deed.atMs,
    learn: true,
    permitted: true,
    ...deed,
  };
}

type Known = Parameters<typeof plainProduct>[0];

function logOf(
  dataset: string,
  known: readonly Known[],
  deeds: readonly Deed[],
  categories: readonly Category[] = [],
): ShopLog {
  const byId = new Map(categories.map((category) => [category.id, category]));
  return {
    dataset,
    ...shopOf(known),
    category: (id) => byId.get(id) ?? null,
    events: [...deeds].sort((a, b) => a.atMs - b.atMs).map(eventOf),
  };
}

/** A shop that has everything in stock. */
export function shopOf(known: readonly Known[]): Pick<ShopLog, 'products' | 'shelf'> {
  const products = known.map(plainProduct);
  const numbers = new Map(products.map(({ id }, at) => [id, at]));
  return {
    products,
    shelf: {
      size: products.length,
      changes: 0,
      numberOf: (id) => numbers.get(id) ?? -1,
      idOf: (item) => products[item]!.id,
      eligible: (item) => products[item]!.status === 'ACTIVE',
      inStock: () => true,
      status: (item) => products[item]!.status,
      inStore: () => true,
      knowsStore: () => true,
      isSoldIn: () => true,
      brand: (item) => products[item]!.brand,
      categories: (item) => products[item]!.categoryIds,
      createdAtMs: (item) => products[item]!.createdAtMs,
    },
  };
}

/** The demo shop with as many strangers as are asked for, as `npm run seed` would fill it. */
export function demoLog(nowMs: number, strangers = 3000): ShopLog {
  const chance = createChance(20_260_101);
  const products = demoProducts(chance, nowMs);
  const simulation = createSimulation(products, chance, nowMs);
  const deeds = people.flatMap((person) => simulation.person(person));
  for (let number = 1; number <= strangers; number++) deeds.push(...simulation.stranger(number));
  return logOf(
    'demo shop',
    products.map(({ input, brand, priceEur }) => ({
      id: input.id,
      title: input.title,
      status: input.status === 'DRAFT' ? ('DRAFT' as const) : ('ACTIVE' as const),
      description: input.description ?? '',
      brand,
      categoryIds: input.categoryIds ?? [],
      attributes: input.attributes ?? [],
      prices: [
        { currency: 'EUR', amountMinor: Math.round(priceEur * 100), listAmountMinor: null, storeId: null },
      ],
      createdAtMs: Date.parse(input.createdAt ?? ''),
    })),
    deeds.map(({ productIds = [], value, query, ...deed }) => ({
      ...deed,
      productIds,
      value: value ?? null,
      query: query ?? null,
      position: deed.position ?? null,
      queryId: deed.queryId ?? null,
    })),
    demoCategories().map(({ id, name, parentId }) => ({
      id,
      name,
      parentId: parentId ?? null,
      translations: {},
    })),
  );
}

/** Orders of a wholesaler: CSVs of UCI Online Retail II. An invoice is an order; without a customer it is a stranger's. */
export function retailLog(directory: string): ShopLog {
  const titles = new Map<string, string>();
  const orders = new Map<string, Deed & { productIds: string[] }>();
  for (const name of readdirSync(directory).sort()) {
    const bytes = readFileSync(join(directory, name));
    const rows = parse(name.endsWith('.gz') ? gunzipSync(bytes) : bytes, { columns: true }) as Record<
      string,
      string
    >[];
    for (const row of rows) {
      const {
        Invoice: invoice,
        StockCode: code,
        Description: title,
        InvoiceDate: at,
      } = row as Record<'Invoice' | 'StockCode' | 'Description' | 'InvoiceDate', string>;
      if (invoice.startsWith('C') || !/^\d{5}/.test(code) || Number(row.Quantity) <= 0) continue;
      titles.set(code, title.trim());
      const customer = row['Customer ID']?.split('.')[0] ?? '';
      let order = orders.get(invoice);
      if (!order) {
        order = {
          type: 'ORDER_COMPLETED',
          sessionId: customer === '' ? `stranger ${invoice}` : `customer ${customer}`,
          customerId: customer === '' ? null : customer,
          productIds: [],
          atMs: Date.parse(`${at.replace(' ', 'T')}Z`),
        };
        orders.set(invoice, order);
      }
      if (!order.productIds.includes(code)) order.productIds.push(code);
    }
  }
  return logOf(
    'online-retail',
    [...titles].map(([id, title]) => ({ id, title })),
    [...orders.values()],
  );
}
