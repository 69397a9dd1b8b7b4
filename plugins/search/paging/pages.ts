import { RapportError } from '../../../src/errors.js';
import {
  type Cursor,
  printOf,
  readCursor,
  rememberedMax,
  writeCursor,
} from '../../../src/kit/listing-cursor.js';
import { shownValue } from '../../../src/kit/shown-value.js';
import type { Product, ProductNode } from '../../../src/ports/catalog.js';
import { argumentOf, checkOffset, offsetMax, resultsMax } from '../query-input/query-checks.js';

const resultsDefault = 20;
/** A page before a cursor is found among so many results behind its place, too: some have moved down since. */
const movedMax = 500;

/** The arguments of a connection (Relay's connection specification). */
export interface PageArgs {
  readonly first?: number | null;
  readonly after?: string | null;
  readonly last?: number | null;
  readonly before?: string | null;
}

/** A page of a listing: so many results after a cursor or before it; without one from the beginning or the end. */
export interface Window {
  readonly direction: 'forward' | 'backward';
  readonly size: number;
  readonly cursor: Cursor | null;
}

/** A part of the whole result, as a driver returns it. */
export interface Span {
  readonly offset: number;
  readonly limit: number;
}

interface PageItem {
  readonly id: string;
  /** From 0, in the whole listing. */
  readonly place: number;
}

/** The results of a page, and what its cursors need. */
export interface Page {
  readonly items: readonly PageItem[];
  /** Prints of the products that were listed before the page. */
  readonly before: readonly number[];
  readonly hasNext: boolean;
  readonly hasPrevious: boolean;
}

/** Throws `invalid` for arguments that contradict each other, a size that is not allowed, and a cursor of another listing. */
export function windowOf(listing: string, { first = null, after, last = null, before }: PageArgs): Window {
  const isAfter = (after ?? '') !== '';
  const isBefore = (before ?? '') !== '';
  if ((first !== null || isAfter) && (last !== null || isBefore)) {
    const given = Object.entries({
      first: first !== null,
      after: isAfter,
      last: last !== null,
      before: isBefore,
    })
      .filter(([, isGiven]) => isGiven)
      .map(([name]) => name);
    throw new RapportError(
      'invalid',
      'SEARCH_PAGE',
      `${given.join(' and ')} are given; first and after page forward, last and before page backward, and only one direction is allowed`,
      { path: [last === null ? 'before' : 'last'] },
    );
  }
  if (last !== null || isBefore) {
    const size = argumentOf('last', last, resultsDefault, resultsMax, 'LAST');
    return { direction: 'backward', size, cursor: isBefore ? cursorOf(listing, before!, 'before') : null };
  }
  const size = argumentOf('first', first, resultsDefault, resultsMax, 'FIRST');
  const cursor = isAfter ? cursorOf(listing, after!, 'after') : null;
  checkOffset(startOf(cursor));
  return { direction: 'forward', size, cursor };
}

function cursorOf(listing: string, text: string, argument: string): Cursor {
  const cursor = readCursor(listing, text);
  if (cursor !== null) return cursor;
  throw new RapportError(
    'invalid',
    'SEARCH_CURSOR',
    `${argument}: ${shownValue(text)} is not a cursor of this query; use \`endCursor\` of a page of the same query, filter, sort, store, language and currency`,
    { path: [argument] },
  );
}

function startOf(cursor: Cursor | null): number {
  return cursor === null ? 0 : cursor.place + 1;
}

/** True if the results of a page cannot be chosen before their number is known. */
export function needsTotal({ direction, cursor }: Window): boolean {
  return direction === 'backward' && cursor === null;
}

/** `total`: the number of all results, if it is needed. */
export function spanOf(window: Window, total: number): Span {
  const { direction, size, cursor } = window;
  const listed = cursor?.listed.length ?? 0;
  if (direction === 'forward') {
    const start = startOf(cursor);
    const offset = start === listed ? 0 : start - Math.floor(listed / 2);
    // One more shows that there is a next page.
    return { offset, limit: start === 0 ? size : start - offset + size + 1 };
  }
  if (cursor === null) {
    const end = Math.min(total, offsetMax + 1);
    const offset = Math.max(0, end - size - rememberedMax);
    return { offset, limit: end - offset };
  }
  const offset = cursor.place + 1 - listed - forgottenIn(cursor, size);
  return { offset, limit: cursor.place + 1 - offset + movedMax };
}

/** The results of a page before a cursor that it does not remember. */
function forgottenIn({ place, listed }: Cursor, size: number): number {
  return Math.max(0, Math.min(size, place) - (listed.length - 1));
}

/**
 * Chooses the results of a page among the ids of its span. Forward these are the best ones that were not listed before. So nothing is
 * listed twice or left out, whatever has moved, as long as all that was listed is remembered; after that, nothing that moved by less than half of
 * `rememberedMax`. Preferences move products by 200 places at most (`refinedMax`). Backward these are the ones that were listed, in
 * their order.
 */
export function pageOf(window: Window, ids: readonly string[], total: number): Page {
  const { direction, size, cursor } = window;
  if (direction === 'forward') {
    const listed = cursor?.listed ?? [];
    const known = new Set(listed);
    const left = listed.length === 0 ? ids : ids.filter((id) => !known.has(printOf(id)));
    const start = startOf(cursor);
    const items = left.slice(0, size).map((id, i) => ({ id, place: start + i }));
    const isMore = listed.length === 0 ? total > size : left.length > size;
    return {
      items,
      before: listed,
      hasNext: isMore && items.length > 0 && start + items.length <= offsetMax,
      hasPrevious: start > 0 && total > 0,
    };
  }
  if (cursor === null) {
    const { offset } = spanOf(window, total);
    const items = ids.map((id, i) => ({ id, place: offset + i })).slice(-size);
    const before = ids.slice(0, ids.length - items.length).map(printOf);
    return { items, before, hasNext: false, hasPrevious: offset + before.length > 0 };
  }
  const { place, listed } = cursor;
  const earlier = listed.slice(0, -1);
  const wanted = earlier.slice(-size);
  const byPrint = new Map(ids.map((id) => [printOf(id), id]));
  const known = new Set(listed);
  const forgotten = forgottenIn(cursor, size);
  const start = place - wanted.length - forgotten;
  const items = [
    ...ids.slice(0, forgotten).filter((id) => !known.has(printOf(id))),
    ...wanted.map((print) => byPrint.get(print)),
  ].flatMap((id, i) => (id === undefined ? [] : [{ id, place: start + i }]));
  return {
    items,
    before: earlier.slice(0, earlier.length - wanted.length),
    hasNext: true,
    hasPrevious: start > 0,
  };
}

/** Makes the cursor behind the item at a place of the page. */
type CursorAt = (at: number) => string;

/** Classes, since V8 keeps a getter of an object literal, with all that it refers to, until the next full collection. */
class Edge {
  readonly node: ProductNode;
  readonly #at: number;
  readonly #cursorAt: CursorAt;

  constructor(node: ProductNode, at: number, cursorAt: CursorAt) {
    this.node = node;
    this.#at = at;
    this.#cursorAt = cursorAt;
  }

  get cursor(): string {
    return this.#cursorAt(this.#at);
  }
}

/** Its cursors are those of the results, so that a page whose products are all gone can be paged past. */
class PageInfo {
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly #length: number;
  readonly #cursorAt: CursorAt;

  constructor({ items, hasNext, hasPrevious }: Page, cursorAt: CursorAt) {
    this.hasNextPage = hasNext;
    this.hasPreviousPage = hasPrevious;
    this.#length = items.length;
    this.#cursorAt = cursorAt;
  }

  get startCursor(): string | null {
    return this.#length === 0 ? null : this.#cursorAt(0);
  }

  get endCursor(): string | null {
    return this.#length === 0 ? null : this.#cursorAt(this.#length - 1);
  }
}

/** `nodeOf`: null for a product that cannot be shown any more. Cursors are made when they are read, since few queries read all. */
export function connectionOf(
  page: Page,
  {
    listing,
    queryId,
    total,
    nodeOf,
  }: {
    readonly listing: string;
    readonly queryId: string;
    readonly total: number;
    nodeOf(id: Product['id']): ProductNode | null;
  },
) {
  const { items, before } = page;
  const prints = items.map(({ id }) => printOf(id));
  function cursorAt(at: number): string {
    const listed = [...before, ...prints.slice(0, at + 1)].slice(-rememberedMax);
    return writeCursor(listing, { place: items[at]!.place, name: queryId, listed });
  }
  const edges = items.flatMap(({ id }, at) => {
    const node = nodeOf(id);
    return node === null ? [] : [new Edge(node, at, cursorAt)];
  });
  return {
    edges,
    nodes: edges.map(({ node }) => node),
    totalCount: total,
    pageInfo: new PageInfo(page, cursorAt),
  };
}
