import type { Shopper } from '../../src/ports/customers.js';
import type { Head } from './chain.js';
import type { Heads } from './judge.js';

export function sessionSubject(sessionId: string): string {
  return `session:${sessionId}`;
}

export function customerSubject(customerId: string): string {
  return `customer:${customerId}`;
}

export interface HeadName {
  readonly as: keyof Heads;
  readonly subject: string;
}

/** The subjects whose ledgers decide what a shopper allows. */
export function headNames({
  sessionId,
  customerId,
  linkedTo,
}: Pick<Shopper, 'sessionId' | 'customerId' | 'linkedTo'>): HeadName[] {
  const names: HeadName[] = [{ as: 'session', subject: sessionSubject(sessionId) }];
  if (customerId !== null) names.push({ as: 'customer', subject: customerSubject(customerId) });
  else if (linkedTo !== undefined) names.push({ as: 'linked', subject: customerSubject(linkedTo) });
  return names;
}

export function headsFrom(names: readonly HeadName[], found: readonly (Head | null)[]): Heads {
  const heads: { -readonly [K in keyof Heads]: Heads[K] } = { customer: null, linked: null, session: null };
  for (let i = 0; i < names.length; i++) heads[names[i]!.as] = found[i] ?? null;
  return heads;
}
