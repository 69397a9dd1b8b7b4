import { basename, resolve } from 'node:path';
import type { Evaluation } from './evaluation.js';
import { evaluateAgain } from './orders-again.js';
import { readOrders } from './orders-file.js';
import { evaluateNew } from './orders-new.js';
import { evaluateReorder } from './orders-reorder.js';
import { evaluateTogether } from './orders-together.js';
import type { Progress } from './progress.js';

/** The share of the orders, the last ones, that is asked about. */
const asked = 0.1;
const ordersMin = 20;

/**
 * Order lines with times (`*.csv`, as UCI's Online Retail II), split in time: learned from the first nine tenths of the
 * orders, asked about the last.
 */
export async function evaluateOrders(directory: string, progress: Progress): Promise<Evaluation[]> {
  const { orders, titles, pricesMinor, customers } = readOrders(directory);
  const dataset = basename(resolve(directory));
  if (orders.length < ordersMin)
    throw new Error(
      `${directory} has ${orders.length} invoices that count; ${ordersMin} are needed. One counts that has a plain number, positive quantities and prices, and codes with four digits`,
    );
  const cut = Math.floor(orders.length * (1 - asked));
  progress(`${orders.length} orders of ${titles.length} products by ${customers} customers`);
  const split = {
    learned: orders.slice(0, cut),
    asked: orders.slice(cut),
    products: titles.length,
    catalog: { titles, pricesMinor },
  };
  return [
    ...evaluateTogether(dataset, split, progress),
    evaluateNew(dataset, split, progress),
    evaluateAgain(dataset, split, progress),
    evaluateReorder(dataset, split, progress),
  ];
}
