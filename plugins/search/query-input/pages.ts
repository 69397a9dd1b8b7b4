import { RapportError } from '../../../src/errors.js';
import { shownValue } from '../../../src/kit/shown-value.js';
import { argumentOf, checkOffset, offsetMax, resultsMax } from './query-checks.js';

const resultsDefault = 20;

/** A page of results. Its cursors are opaque (Relay's connection specification). */
export interface Window {
  readonly limit: number;
  readonly offset: number;
}

export function windowOf(first: number | null | undefined, after: string | null | undefined): Window {
  const limit = argumentOf('first', first, resultsDefault, resultsMax, 'FIRST');
  const offset = (after ?? '') === '' ? 0 : placeOf(after!) + 1;
  checkOffset(offset);
  return { limit, offset };
}

function cursorOf(place: number): string {
  return Buffer.from(`place:${place}`).toString('base64url');
}

function placeOf(cursor: string): number {
  const match = /^place:(\d{1,15})$/.exec(Buffer.from(cursor.slice(0, 64), 'base64url').toString());
  if (!match) {
    throw new RapportError(
      'invalid',
      'SEARCH_CURSOR',
      `after: ${shownValue(cursor)} is not a cursor; use \`endCursor\` of the page before`,
      { path: ['after'] },
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
