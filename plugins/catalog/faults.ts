import type { ZodType, z } from 'zod';
import { RapportError, type UserError, userError } from '../../src/errors.js';
import { checkInput } from '../../src/kit/check-input.js';

export const batchMax = 1_000;
const faultsPerElementMax = 20;

export interface Checked<T> {
  readonly index: number;
  readonly input: T;
}

/** Throws `invalid` for more elements than one call may have. */
export function checkBatch(elements: readonly unknown[], what: string): void {
  if (elements.length <= batchMax) return;
  throw new RapportError(
    'invalid',
    'CATALOG_BATCH_TOO_LARGE',
    `${elements.length} ${what} in one call; at most ${batchMax} are allowed.`,
    { path: [what] },
  );
}

/** Checks each element by itself: those that pass, and every fault of the others with its path. */
export function checkEach<S extends ZodType>(
  schema: S,
  elements: readonly unknown[],
  root: string,
  codeOf: (path: readonly PropertyKey[]) => string,
): { readonly passed: Checked<z.output<S>>[]; readonly userErrors: UserError[] } {
  const passed: Checked<z.output<S>>[] = [];
  const userErrors: UserError[] = [];
  elements.forEach((element, index) => {
    const checked = checkInput(schema, element);
    if (checked.faults === null) {
      passed.push({ index, input: checked.data });
      return;
    }
    for (const { path, message } of checked.faults.slice(0, faultsPerElementMax))
      userErrors.push(userError(codeOf(path), message, [root, index, ...path]));
  });
  return { passed, userErrors };
}

/** Refuses each element whose id an earlier one of the same call has. */
export function refuseRepeated<T extends { readonly id: string }>(
  checked: readonly Checked<T>[],
  root: string,
  userErrors: UserError[],
): Checked<T>[] {
  const first = new Map<string, number>();
  return checked.filter(({ index, input }) => {
    const earlier = first.get(input.id);
    if (earlier === undefined) {
      first.set(input.id, index);
      return true;
    }
    userErrors.push(
      userError(
        'CATALOG_DUPLICATE_ID',
        `"${input.id}" is in this call already, at index ${earlier}; one call may hold each id once`,
        [root, index, 'id'],
      ),
    );
    return false;
  });
}
