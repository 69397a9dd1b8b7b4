import { RapportError } from '../../../src/errors.js';
import { offsetMax, resultsMax } from './query-checks.js';

/** Places in a list of results behind opaque cursors (Relay's connection specification). */
export interface Window {
  readonly limit: number;
  readonly offset: number;
}

export function windowOf(first: number | null | undefined, after: string | null | undefined): Window {
  const limit = first ?? 20;
  if (!Number.isInteger(limit) || limit < 1 || limit > resultsMax) {
    throw new RapportError('invalid', 'SEARCH_FIRST', `first: ${limit}; 1 to ${resultsMax} is allowed`, {
      path: ['first'],
    });
  }
  const offset = (after ?? '') === '' ? 0 : placeOf(after!) + 1;
  if (offset > offsetMax) {
    throw new RapportError(
      'invalid',
      'SEARCH_OFFSET',
      `after: place ${offset}; the first ${offsetMax} results can be paged through: narrow the search by a filter instead`,
      { path: ['after'] },
    );
  }
  return { limit, offset };
}

export function cursorOf(place: number): string {
  return Buffer.from(`place:${place}`).toString('base64url');
}

function placeOf(cursor: string): number {
  const match = /^place:(\d{1,15})$/.exec(Buffer.from(cursor.slice(0, 64), 'base64url').toString());
  if (!match) {
    throw new RapportError(
      'invalid',
      'SEARCH_CURSOR',
      'after: this is no cursor of an answer; take `endCursor` of the page before',
      {
        path: ['after'],
      },
    );
  }
  return Number(match[1]);
}

export function connectionOf<N>(nodes: readonly N[], total: number, { offset }: Window) {
  const edges = nodes.map((node, i) => ({ cursor: cursorOf(offset + i), node }));
  const reachable = Math.min(total, offsetMax + resultsMax);
  return {
    edges,
    nodes,
    totalCount: total,
    pageInfo: {
      hasNextPage:
        edges.length > 0 && offset + edges.length < reachable && offset + edges.length <= offsetMax,
      hasPreviousPage: offset > 0 && total > 0,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}
