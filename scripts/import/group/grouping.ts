import { fingerprint } from '../../../src/kit/fingerprint.js';
import { createNumberSet } from '../../../src/kit/number-set.js';
import type { ImportedPart } from '../imported-product.js';
import type { Mapping } from '../mapping/mapping.js';
import { displayName } from '../mapping/readable-names.js';
import { elementsIn, plain, scopeOf, textIn } from '../mapping/values-in.js';
import type { Row } from '../read/rows.js';
import { createNumberTable } from './number-table.js';

/** Rows that belong together as one product. */
export interface Group {
  /** The identity that the rows share; undefined if it is that of the first row. */
  readonly key?: string;
  readonly parts: readonly ImportedPart[];
  /** Variants that the parent names, but that have no row of their own. */
  readonly missing: readonly string[];
  /** The rows name a parent that has no row. */
  readonly orphaned?: boolean;
}

/**
 * Puts the rows of a file together. The file is read twice: `survey` gets each row first, so that `add` can return a product as soon as
 * its last row has come. Memory is that of the products whose rows are not complete, and about 40 bytes a product or variant.
 */
export interface Grouping {
  survey(row: Row): void;
  /** The products that are complete with this row. Throws an Error if too many rows wait for others. */
  add(row: Row, part: ImportedPart): readonly Group[];
  /** The products that wait for rows which never came. */
  end(): readonly Group[];
}

/** Rows that may wait for the others of their products; a file that needs more must be sorted. */
const waitingMax = 200_000;
/** Rows that may continue one product; a product has at most about 2,000 variants. */
const rowsOfOneMax = 10_000;

export function createGrouping(rows: Mapping['rows']): Grouping {
  if (rows === undefined) return single;
  if ('continues' in rows)
    return continued((row) => textIn(scopeOf(row), rows.continues) !== undefined, rows.parentRow);
  if ('same' in rows) return sameKey((row) => textIn(scopeOf(row), rows.same));
  if ('parent' in rows) {
    return childrenOfParent(
      (row) => textIn(scopeOf(row), rows.parent),
      (row) => rows.keys.map((key) => textIn(scopeOf(row), key)).filter((key) => key !== undefined),
    );
  }
  return parentOfChildren(rows);
}

const single: Grouping = {
  survey: () => undefined,
  add: (_, part) => [{ parts: [part], missing: [] }],
  end: () => [],
};

function continued(begins: (row: Row) => boolean, parentRow: boolean): Grouping {
  let open: ImportedPart[] = [];
  const taken = (): Group[] => {
    const parts = open;
    open = [];
    if (parts.length === 0) return [];
    return [{ parts: parentRow ? withParent(parts[0]!, parts.slice(1)) : parts, missing: [] }];
  };
  return {
    survey: () => undefined,
    add(row, part) {
      const complete = begins(row) ? taken() : [];
      open.push(part);
      if (open.length > rowsOfOneMax) {
        throw new Error(
          `more than ${rowsOfOneMax} rows up to line ${part.line} continue one product; check the field that begins a product`,
        );
      }
      return complete;
    },
    end: taken,
  };
}

function sameKey(keyIn: (row: Row) => string | undefined): Grouping {
  const counts = createNumberTable();
  const open = new Map<string, ImportedPart[]>();
  const waiting = createWaiting();
  return {
    survey(row) {
      const key = keyIn(row);
      if (key !== undefined) counts.set(fingerprint(key), (counts.get(fingerprint(key)) ?? 0) + 1);
    },
    add(row, part) {
      const key = keyIn(row);
      if (key === undefined) return [{ parts: [withoutOptions(part)], missing: [] }];
      const parts = open.get(key) ?? [];
      parts.push(part);
      if (parts.length >= (counts.get(fingerprint(key)) ?? 1)) {
        open.delete(key);
        waiting.leave(parts.length - 1);
        return [{ key, parts, missing: [] }];
      }
      open.set(key, parts);
      waiting.enter();
      return [];
    },
    end: () => [...open].map(([key, parts]) => ({ key, parts, missing: [] })),
  };
}

interface Family {
  readonly keys: readonly string[];
  readonly parent: ImportedPart | null;
  readonly children: ImportedPart[];
  readonly expected: number;
}

function childrenOfParent(
  parentIn: (row: Row) => string | undefined,
  keysIn: (row: Row) => readonly string[],
): Grouping {
  const counts = createNumberTable();
  const open = new Map<string, Family>();
  const waiting = createWaiting();
  const countOf = (key: string) => counts.get(fingerprint(key)) ?? 0;
  const complete = ({ keys, parent, children }: Family): Group[] => {
    for (const key of keys) open.delete(key);
    waiting.leave(children.length);
    return [{ parts: withParent(parent!, children), missing: [] }];
  };
  return {
    survey(row) {
      const parent = parentIn(row);
      if (parent !== undefined) counts.set(fingerprint(parent), countOf(parent) + 1);
    },
    add(row, part) {
      const reference = parentIn(row);
      if (reference !== undefined) {
        const known = open.get(reference);
        const family = known ?? {
          keys: [reference],
          parent: null,
          children: [],
          expected: Number.POSITIVE_INFINITY,
        };
        family.children.push(part);
        if (!known) open.set(reference, family);
        waiting.enter();
        return family.children.length >= family.expected ? complete(family) : [];
      }
      const keys = [...new Set(keysIn(row))];
      const expected = keys.reduce((sum, key) => sum + countOf(key), 0);
      const children = keys.flatMap((key) => open.get(key)?.children ?? []);
      const family: Family = { keys, parent: part, children, expected };
      if (children.length >= expected) return complete(family);
      for (const key of keys) open.set(key, family);
      return [];
    },
    end: () =>
      [...new Set(open.values())].map(({ keys, parent, children }) =>
        parent
          ? { parts: withParent(parent, children), missing: [] }
          : { key: keys[0] ?? '', parts: children, missing: [], orphaned: true },
      ),
  };
}

/**
 * The parent is no variant itself if it has variants; alone, it is the only article, without options. Its prices hold for variants that
 * state none.
 */
function withParent(parent: ImportedPart, children: readonly ImportedPart[]): ImportedPart[] {
  const sold = children.flatMap(({ variants }) => variants);
  if (sold.length === 0) return [withoutOptions(parent), ...children];
  const prices = parent.fields.prices ?? parent.variants[0]?.prices ?? [];
  const inherits = prices.length > 0 && sold.some((variant) => variant.prices.length === 0);
  const fields = inherits ? { ...parent.fields, prices } : parent.fields;
  return [{ ...parent, fields, variants: [] }, ...children];
}

function withoutOptions(part: ImportedPart): ImportedPart {
  return part.variants.length === 1 ? { ...part, variants: [{ ...part.variants[0]!, options: [] }] } : part;
}

/** Magento: the parent's row names its variants, which have rows of their own before or after it. */
function parentOfChildren(rows: Extract<NonNullable<Mapping['rows']>, { children: unknown }>): Grouping {
  const parentOf = createNumberTable();
  const ownRows = createNumberSet();
  const open = new Map<
    number,
    { parent: ImportedPart | null; named: readonly Row[]; children: Map<string, ImportedPart> }
  >();
  const waiting = createWaiting();
  const selfIn = (row: Row) => textIn(scopeOf(row), rows.self);
  const namedIn = (row: Row) => elementsIn(scopeOf(row), rows.children).map(({ element }) => element);
  const hasRow = (named: Row) => ownRows.has(fingerprint(plain(named[rows.key]) ?? ''));

  /** The parent's variants in its order, each with its own row if it has one; rows that it does not name are products of their own. */
  function complete(key: number): Group[] {
    const { parent, named, children } = open.get(key)!;
    open.delete(key);
    waiting.leave(children.size);
    if (parent === null) return [...children.values()].map((part) => ({ parts: [part], missing: [] }));
    const missing: string[] = [];
    const parts = named.flatMap((each) => {
      const self = plain(each[rows.key]) ?? '';
      const part = children.get(self);
      children.delete(self);
      if (part === undefined) missing.push(self);
      return part === undefined ? [] : [withOptions(part, each, rows)];
    });
    const others = [...children.values()].map((part) => ({ parts: [part], missing: [] }));
    return [{ parts: withParent(parent, parts), missing }, ...others];
  }

  return {
    survey(row) {
      const self = selfIn(row);
      if (self === undefined) return;
      ownRows.add(fingerprint(self));
      for (const named of namedIn(row)) {
        const child = plain(named[rows.key]);
        if (child !== undefined) parentOf.set(fingerprint(child), fingerprint(self));
      }
    },
    add(row, part) {
      const self = selfIn(row);
      const named = namedIn(row);
      const key = named.length > 0 ? fingerprint(self ?? '') : parentOf.get(fingerprint(self ?? ''));
      if (self === undefined || key === undefined) return [{ parts: [part], missing: [] }];
      const family = open.get(key) ?? { parent: null, named: [], children: new Map<string, ImportedPart>() };
      if (named.length > 0) {
        family.parent = part;
        family.named = named;
      } else {
        if (!family.children.has(self)) waiting.enter();
        family.children.set(self, part);
      }
      open.set(key, family);
      const whole = family.parent !== null && family.children.size >= family.named.filter(hasRow).length;
      return whole ? complete(key) : [];
    },
    end: () => [...open.keys()].flatMap(complete),
  };
}

function withOptions(
  part: ImportedPart,
  named: Row,
  { key, except }: Extract<NonNullable<Mapping['rows']>, { children: unknown }>,
): ImportedPart {
  const options = Object.entries(named).flatMap(([name, raw]) => {
    const value = plain(raw);
    return name === key || except.includes(name) || value === undefined
      ? []
      : [{ name: displayName(name), value }];
  });
  return { ...part, variants: part.variants.map((variant) => ({ ...variant, options })) };
}

function createWaiting(): { enter(): void; leave(count: number): void } {
  let count = 0;
  return {
    enter() {
      if (++count > waitingMax) {
        throw new Error(
          `more than ${waitingMax} rows wait for other rows of their products; sort the file, so that the rows of a product are near each other`,
        );
      }
    },
    leave(left) {
      count -= left;
    },
  };
}
