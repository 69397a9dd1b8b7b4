import type { UserError } from '../../src/errors.js';

/** Fields without which the element of a list that they are in says nothing. */
const required = new Set([
  'id',
  'name',
  'value',
  'url',
  'amount',
  'currency',
  'quantity',
  'locale',
  'selectedOptions',
  'values',
]);
/** Faults here are of the product itself. */
const identity = new Set(['id', 'productId', 'variantId', 'title', 'version']);

export interface WithoutDetails<T> {
  readonly input: T;
  /** The details that were left out. */
  readonly lost: readonly { readonly column: string; readonly value: string; readonly reason: string }[];
}

/**
 * The input without the details that the catalog refused, by the paths of its errors. Null if a fault is not one of a detail: of the
 * id or the title, or of the product as a whole.
 */
export function withoutDetails<T extends object>(
  input: T,
  errors: readonly UserError[],
): WithoutDetails<T> | null {
  const copy = structuredClone(input);
  const lost: WithoutDetails<T>['lost'][number][] = [];
  const removals = new Map<unknown[], Set<number>>();
  for (const { path, message } of errors) {
    const steps = path.slice(2);
    if (steps.length === 0 || (steps.length === 1 && identity.has(String(steps[0])))) return null;
    const detail = detailAt(copy, steps);
    if (detail === null) return null;
    lost.push({ column: steps.join('.'), value: shown(detail.value), reason: `${message}; it was left out` });
    if (detail.kind === 'field') delete detail.owner[detail.field];
    else removals.set(detail.list, (removals.get(detail.list) ?? new Set<number>()).add(detail.at));
  }
  for (const [list, places] of removals)
    list.splice(0, list.length, ...list.filter((_, at) => !places.has(at)));
  // A list of variants without one is that of another product.
  if ('variants' in copy && Array.isArray(copy.variants) && copy.variants.length === 0) delete copy.variants;
  return { input: copy, lost };
}

type Detail =
  | {
      readonly kind: 'field';
      readonly owner: Record<string, unknown>;
      readonly field: string;
      readonly value: unknown;
    }
  | { readonly kind: 'element'; readonly list: unknown[]; readonly at: number; readonly value: unknown };

/** The smallest part at a path that can be left out: an optional field, or an element of a list. */
function detailAt(root: unknown, steps: readonly (string | number)[]): Detail | null {
  let detail: Detail | null = null;
  let value: unknown = root;
  let depth = 0;
  for (const step of steps) {
    depth++;
    if (Array.isArray(value)) {
      const at = Number(step);
      if (!Number.isInteger(at) || at >= value.length) break;
      detail = { kind: 'element', list: value, at, value: value[at] };
      value = value[at];
    } else if (isObject(value)) {
      const field = String(step);
      if (!(field in value)) break;
      // A field that its element needs leaves the element as the smallest part.
      if (depth === 1 || !required.has(field))
        detail = { kind: 'field', owner: value, field, value: value[field] };
      value = value[field];
    } else break;
  }
  return detail;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
