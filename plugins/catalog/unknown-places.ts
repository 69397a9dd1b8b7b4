import type { Context } from '../../src/context.js';
import { type UserError, userError } from '../../src/errors.js';
import { shownValue } from '../../src/kit/shown-value.js';

/** Warnings about a store that no product was ever stocked in, and about a currency that the shop does not sell in, though it sells in others. */
export function unknownPlaces(
  { storeId, currency }: Pick<Context, 'storeId' | 'currency'>,
  knowsStore: (storeId: string) => boolean,
  currencies: readonly string[],
): readonly UserError[] {
  const warnings: UserError[] = [];
  if (storeId !== null && !knowsStore(storeId)) {
    const message = `no product has a stock level in storeId ${shownValue(storeId)}, so nothing is in stock there, and lists are made for no store; ids are case-sensitive`;
    warnings.push(userError('CONTEXT_STORE_UNKNOWN', message, ['context', 'storeId']));
  }
  if (currencies.length > 0 && !currencies.includes(currency)) {
    const message = `no product has a price in ${currency}, so there is nothing to buy in it; this shop sells in ${currencies.join(', ')}`;
    warnings.push(userError('CONTEXT_CURRENCY_UNKNOWN', message, ['context', 'currency']));
  }
  return warnings;
}
