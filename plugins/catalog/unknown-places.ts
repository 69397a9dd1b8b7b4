import type { Context } from '../../src/context.js';
import { type UserError, userError } from '../../src/errors.js';
import { shownValue } from '../../src/kit/shown-value.js';

interface KnownPlaces {
  keepsStock(): boolean;
  knowsStore(storeId: string): boolean;
  currencies(): readonly string[];
}

/** Warnings about a store that no product was ever stocked in, and about a currency that the shop does not sell in, though other stores and currencies are known. */
export function unknownPlaces(
  { storeId, currency }: Pick<Context, 'storeId' | 'currency'>,
  { keepsStock, knowsStore, currencies }: KnownPlaces,
): readonly UserError[] {
  const warnings: UserError[] = [];
  if (storeId !== null && keepsStock() && !knowsStore(storeId)) {
    const message = `no product has a stock level in storeId ${shownValue(storeId)}, so nothing is in stock there, and lists are made for no store; ids are case-sensitive`;
    warnings.push(userError('CONTEXT_STORE_UNKNOWN', message, ['context', 'storeId']));
  }
  const known = currencies();
  if (known.length > 0 && !known.includes(currency)) {
    const message = `no product has a price in ${currency}, so there is nothing to buy in it; this shop sells in ${known.join(', ')}`;
    warnings.push(userError('CONTEXT_CURRENCY_UNKNOWN', message, ['context', 'currency']));
  }
  return warnings;
}
