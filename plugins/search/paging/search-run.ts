import type { ProductNode } from '../../../src/ports/catalog.js';
import type { SearchAnswer } from '../../../src/ports/search.js';
import {
  connectionOf,
  needsTotal,
  type Page,
  type PageArgs,
  pageOf,
  type Span,
  spanOf,
  type Window,
  windowOf,
} from './pages.js';

/** A page of a search with its products by id, without those that cannot be shown any more. */
interface FoundPage extends Page {
  readonly answer: SearchAnswer;
  readonly nodes: ReadonlyMap<string, ProductNode>;
}

interface SearchRunParts {
  /** The query and its place; see `writeCursor`. */
  readonly listing: string;
  /** The page of fields that name none. */
  readonly usual: Window;
  ask(span: Span, facets: readonly string[]): Promise<SearchAnswer>;
  nodesOf(ids: readonly string[]): Promise<ReadonlyMap<string, ProductNode>>;
  /** Returns the id of a search that begins here, given the number of its results. */
  begin(total: number): string;
}

/**
 * One search, for the fields of its result. Fields of one object are resolved in one turn, and the search begins after it: so pages and
 * facets are read by one query, and all fields know whether a page of it continues an earlier one.
 */
export interface SearchRun {
  /** The totals and corrections of the whole result, with all requested facets. */
  answer(facets?: readonly string[]): Promise<SearchAnswer>;
  /** The page that was requested first, or else the usual one. */
  mainPage(): Promise<FoundPage>;
  page(args: PageArgs): Promise<FoundPage>;
  connection(args: PageArgs): Promise<ReturnType<typeof connectionOf>>;
  /** The same for all pages of a search. */
  queryId(): Promise<string>;
}

const afterFields = (): Promise<void> => Promise.resolve();

interface Begun {
  readonly queryId: string;
  readonly answer: SearchAnswer;
  /** The window whose span the answer has; null if none was requested. */
  readonly window: Window | null;
}

export function createSearchRun({ listing, usual, ask, nodesOf, begin }: SearchRunParts): SearchRun {
  const windows: Window[] = [];
  const facetNames = new Set<string>();
  const pages = new Map<string, Promise<FoundPage>>();
  let begun: Promise<Begun> | null = null;

  function search(): Promise<Begun> {
    // After `mainPage`, which waits for the other fields, too.
    begun ??= afterFields()
      .then(afterFields)
      .then(async () => {
        const window = windows[0] ?? null;
        const span = window === null || needsTotal(window) ? { offset: 0, limit: 0 } : spanOf(window, 0);
        const answer = await ask(span, [...facetNames]);
        const continued = windows.find(({ cursor }) => cursor !== null)?.cursor?.name;
        return {
          queryId: continued ?? begin(answer.total),
          answer,
          window: window && needsTotal(window) ? null : window,
        };
      });
    return begun;
  }

  async function find(window: Window): Promise<FoundPage> {
    const { answer: first, window: read } = await search();
    const answer = window === read ? first : await ask(spanOf(window, first.total), []);
    const page = pageOf(window, answer.ids, answer.total);
    return { ...page, answer, nodes: await nodesOf(page.items.map(({ id }) => id)) };
  }

  function pageIn(window: Window): Promise<FoundPage> {
    const { direction, size, cursor } = window;
    // Cursors of two searches may have one place and remember different products.
    const key = `${direction} ${size} ${cursor?.place ?? ''} ${cursor?.name ?? ''}`;
    let found = pages.get(key);
    if (!found) {
      windows.push(window);
      found = find(window);
      pages.set(key, found);
    }
    return found;
  }

  async function page(args: PageArgs): Promise<FoundPage> {
    return pageIn(isNamed(args) ? windowOf(listing, args) : usual);
  }

  return {
    async answer(facets = []) {
      for (const name of facets) facetNames.add(name);
      return (await search()).answer;
    },
    async mainPage() {
      await afterFields();
      return pageIn(windows[0] ?? usual);
    },
    page,
    async connection(args) {
      const found = await page(args);
      const { queryId } = await search();
      const { total } = found.answer;
      return connectionOf(found, { listing, queryId, total, nodeOf: (id) => found.nodes.get(id) ?? null });
    },
    async queryId() {
      return (await search()).queryId;
    },
  };
}

function isNamed(args: PageArgs): boolean {
  return Object.values(args).some((value) => (value ?? null) !== null);
}
