import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { type Content, createContent } from '../../plugins/recommendations/recommenders/similar/content.js';
import { createNumbering } from './files.js';
import { plainProduct } from './plain-product.js';

/** One paid invoice. */
export interface Order {
  readonly atMs: number;
  /** A number from 0, or -1 where the invoice names nobody. */
  readonly customer: number;
  /** Distinct products in the order of the invoice's lines. */
  readonly items: readonly number[];
}

export interface Orders {
  /** Oldest first. */
  readonly orders: readonly Order[];
  /** By product: the description that most of its lines bear, and the median of their prices in minor units. */
  readonly titles: readonly string[];
  readonly pricesMinor: readonly number[];
  readonly customers: number;
}

const columns = ['Invoice', 'StockCode', 'Description', 'Quantity', 'InvoiceDate', 'Price', 'Customer ID'];

/**
 * What is sold has a number of at least four digits in its code; postage, fees, adjustments and tests have a word.
 */
const productCode = /\d{4}/;

interface Line {
  readonly invoice: string;
  readonly code: string;
  readonly description: string;
  readonly atMs: number;
  readonly priceMinor: number;
  readonly customer: string;
}

/** What a catalog says of the products: a title and a price in minor units, by number. */
export type OrderCatalog = Pick<Orders, 'titles' | 'pricesMinor'>;

/** What is similar by title and price alone. */
export function contentOf({ titles, pricesMinor }: OrderCatalog): Content {
  const content = createContent((a, b) => a - b);
  for (const [item, title] of titles.entries()) {
    const prices = [
      { currency: 'GBP', amountMinor: pricesMinor[item]!, listAmountMinor: null, storeId: null },
    ];
    content.put(item, plainProduct({ id: String(item), title, prices }));
  }
  return content;
}

/**
 * Reads all `*.csv` and `*.csv.gz` of a folder: order lines as in UCI's Online Retail II. An invoice that a file
 * repeats from another counts once. Cancellations (an invoice that is no plain number), returns and gifts (no
 * quantity or no price) and lines that are no products are left out.
 */
export function readOrders(directory: string): Orders {
  const files = orderFiles(directory);
  if (files.length === 0) throw new Error(`${directory} has no .csv and no .csv.gz with order lines`);
  const invoices = new Map<string, { atMs: number; customer: number; items: Set<number> }>();
  const numbering = createNumbering();
  const customers = createNumbering();
  const titles: Map<string, number>[] = [];
  const prices: number[][] = [];
  for (const file of files) {
    const before = new Set(invoices.keys());
    for (const line of linesOf(directory, file)) {
      if (before.has(line.invoice)) continue;
      const item = numbering.number(line.code);
      let invoice = invoices.get(line.invoice);
      if (!invoice) {
        const customer = line.customer === '' ? -1 : customers.number(line.customer);
        invoice = { atMs: line.atMs, customer, items: new Set() };
        invoices.set(line.invoice, invoice);
      }
      invoice.items.add(item);
      titles[item] ??= new Map();
      titles[item].set(line.description, (titles[item].get(line.description) ?? 0) + 1);
      prices[item] ??= [];
      prices[item].push(line.priceMinor);
    }
  }
  const orders = [...invoices.values()].map((order) => ({ ...order, items: [...order.items] }));
  return {
    orders: orders.sort((a, b) => a.atMs - b.atMs),
    titles: titles.map((names) => [...names].sort((a, b) => b[1] - a[1])[0]![0]),
    pricesMinor: prices.map((all) => all.sort((a, b) => a - b)[all.length >> 1]!),
    customers: customers.size,
  };
}

export function orderFiles(directory: string): string[] {
  return readdirSync(directory)
    .filter((name) => /\.csv(\.gz)?$/.test(name))
    .sort();
}

function* linesOf(directory: string, file: string): Generator<Line> {
  const bytes = readFileSync(join(directory, file));
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  // Whole lines at a time: parsed at once, half a million of them take a gigabyte.
  let header: string[] | null = null;
  for (let from = 0; from < text.length; ) {
    const room = text.indexOf('\n', from + 4_000_000);
    const to = room < 0 ? text.length : room + 1;
    const rows = parse(text.slice(from, to), { bom: true, relaxColumnCount: true }) as string[][];
    from = to;
    if (header === null) {
      header = rows.shift() ?? [];
      const missing = columns.filter((name) => !header?.includes(name));
      if (missing.length > 0) throw new Error(`${file} has no column ${missing.join(', ')}`);
    }
    const at = columns.map((name) => header!.indexOf(name));
    for (const row of rows) {
      const [invoice, code, description, quantity, date, price, customer] = at.map((column) =>
        (row[column] ?? '').trim(),
      ) as [string, string, string, string, string, string, string];
      if (!/^\d+$/.test(invoice) || !productCode.test(code)) continue;
      if (!(Number(quantity) > 0) || !(Number(price) > 0)) continue;
      const atMs = Date.parse(`${date.replace(' ', 'T')}Z`);
      if (Number.isNaN(atMs)) continue;
      const priceMinor = Math.round(100 * Number(price));
      yield { invoice, code: code.toUpperCase(), description, atMs, priceMinor, customer };
    }
  }
}
