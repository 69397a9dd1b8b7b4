import { createHash } from 'node:crypto';
import { RapportError } from '../../src/errors.js';
import type { Order } from '../../src/ports/events.js';

export const pageMax = 100;

export interface OrderPage {
  readonly items: readonly { readonly cursor: string; readonly order: Order }[];
  readonly hasNextPage: boolean;
}

/**
 * A page of orders, newest first. The cursor is the place in time of an order, so what arrives meanwhile shifts nothing: an order that
 * was listed is not listed again, and none is left out.
 */
export function pageOf(orders: readonly Order[], first: number, after: string | null): OrderPage {
  if (!Number.isInteger(first) || first < 1 || first > pageMax) {
    throw new RapportError(
      'invalid',
      'PROFILES_FIRST_INVALID',
      `first must be a whole number from 1 to ${pageMax}, not ${first}`,
      { path: ['first'] },
    );
  }
  const sorted = orders
    .map((order) => ({ order, key: keyOf(order) }))
    .sort((a, b) => (a.key > b.key ? -1 : 1));
  const from = after === null ? null : readCursor(after);
  const rest = from === null ? sorted : sorted.filter(({ key }) => key < from);
  return {
    items: rest
      .slice(0, first)
      .map(({ order, key }) => ({ cursor: Buffer.from(key).toString('base64url'), order })),
    hasNextPage: rest.length > first,
  };
}

/** An id of the order that says nothing about its sender. */
export function publicId({ id }: Order): string {
  return createHash('sha256').update(id).digest('base64url').slice(0, 22);
}

const keyForm = /^\d{16} [\w-]{22}$/;

/** Ordered by time, as a text. */
function keyOf(order: Order): string {
  return `${String(Math.max(0, Math.floor(order.atMs))).padStart(16, '0')} ${publicId(order)}`;
}

function readCursor(after: string): string {
  const key = Buffer.from(after.slice(0, 100), 'base64url').toString();
  if (keyForm.test(key)) return key;
  throw new RapportError(
    'invalid',
    'PROFILES_CURSOR_INVALID',
    `after ${JSON.stringify(after.slice(0, 40))} is not a cursor of this list; use pageInfo.endCursor of a page, or leave it out`,
    { path: ['after'] },
  );
}
