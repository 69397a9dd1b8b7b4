import { z } from 'zod';
import { type UserError, userError } from '../../src/errors.js';
import { checkInput } from '../../src/kit/check-input.js';
import { loyaltyEntryKinds } from '../../src/ports/loyalty.js';
import type { Ledger, StoredEntry } from './ledger.js';

export const pointsMax = 1_000_000_000;
const id = z
  .string()
  .regex(/^[^\p{Cc}\p{Surrogate}]{1,128}$/u, { message: 'must have 1 to 128 printable characters' });

const input = z.strictObject({
  id,
  kind: z.enum(loyaltyEntryKinds),
  points: z.int().min(-pointsMax).max(pointsMax).nullish(),
  orderId: id.nullish(),
  holdId: id.nullish(),
  expiresAt: z.date().nullish(),
});

export type EntryDraft = Omit<StoredEntry, 'customerId' | 'atMs'>;

type Checked =
  | { readonly draft: EntryDraft; readonly userErrors: readonly [] }
  | { readonly draft: null; readonly userErrors: readonly UserError[] };

/** Checks a `LoyaltyEntryInput` by itself. `path` leads to it. */
export function checkEntry(raw: unknown, path: readonly string[], nowMs: number): Checked {
  const fault = (code: string, message: string, ...more: readonly (string | number)[]): Checked => ({
    draft: null,
    userErrors: [userError(code, message, [...path, ...more.map(String)])],
  });
  const parsed = checkInput(input, raw);
  if (parsed.faults !== null) {
    const [first] = parsed.faults;
    return fault('LOYALTY_ENTRY_INVALID', first!.message, ...first!.path);
  }
  const { id: entryId, kind, orderId, holdId, expiresAt } = parsed.data;
  const points = parsed.data.points ?? null;
  if (kind === 'RELEASE') {
    if (points !== null)
      return fault('LOYALTY_ENTRY_INVALID', 'RELEASE ends a whole hold; leave points out', 'points');
    if (!holdId)
      return fault('LOYALTY_ENTRY_INVALID', 'RELEASE needs the holdId of the hold that it ends', 'holdId');
  } else if (points === null) return fault('LOYALTY_ENTRY_INVALID', `${kind} needs points`, 'points');
  else if (kind === 'ADJUST' ? points === 0 : points <= 0) {
    const allowed = kind === 'ADJUST' ? 'must not be 0' : `must be at least 1 for ${kind}`;
    return fault('LOYALTY_ENTRY_INVALID', `${allowed}, and is ${points}`, 'points');
  }
  if (holdId && kind !== 'RELEASE' && kind !== 'SPEND')
    return fault('LOYALTY_ENTRY_INVALID', `only RELEASE and SPEND have a holdId, not ${kind}`, 'holdId');
  if (kind === 'RETURN' && !orderId)
    return fault('LOYALTY_ENTRY_INVALID', 'RETURN needs the orderId of the order', 'orderId');
  const isCredit = kind === 'EARN' || (kind === 'ADJUST' && points! > 0);
  if (expiresAt && !isCredit && kind !== 'HOLD')
    return fault(
      'LOYALTY_ENTRY_INVALID',
      `only EARN, HOLD and an ADJUST that adds points expire, not ${kind}`,
      'expiresAt',
    );
  if (expiresAt && expiresAt.getTime() <= nowMs)
    return fault(
      'LOYALTY_ENTRY_INVALID',
      `must be in the future, and is ${expiresAt.toISOString()}`,
      'expiresAt',
    );
  return {
    draft: {
      id: entryId,
      kind,
      points: points ?? 0,
      ...(orderId ? { orderId } : {}),
      ...(holdId ? { holdId } : {}),
      ...(expiresAt ? { expiresAtMs: expiresAt.getTime() } : {}),
    },
    userErrors: [],
  };
}

/** `new`: it may be applied. `known`: it is there, or its order has such an entry. Otherwise the reason why not. */
export function decide(
  draft: EntryDraft,
  ledger: Ledger,
): 'new' | 'known' | { readonly code: string; readonly message: string } {
  const { kind, points, orderId, holdId } = draft;
  const before = ledger.entry(draft.id);
  if (before !== null) {
    const isSame =
      before.kind === kind &&
      before.points === points &&
      before.orderId === orderId &&
      before.holdId === holdId;
    return isSame
      ? 'known'
      : {
          code: 'LOYALTY_ENTRY_ID_REUSED',
          message: `entry "${draft.id}" is there with other content; give each entry an id of its own`,
        };
  }
  if (orderId !== undefined && onceAnOrder.has(kind) && ledger.hasOrder(kind, orderId)) return 'known';
  const available = ledger.balances.AVAILABLE;
  const short = (has: number, what: string) => ({
    code: 'LOYALTY_POINTS_INSUFFICIENT',
    message: `${kind} of ${Math.abs(points)} points, and ${has} are ${what}`,
  });
  if (holdId !== undefined) {
    const held = ledger.heldBy(holdId);
    if (held === null) return { code: 'LOYALTY_HOLD_UNKNOWN', message: `"${holdId}" is not an open hold` };
    return points > held ? short(held, 'held') : 'new';
  }
  if (kind === 'RETURN') {
    const earned = ledger.earnedWith(orderId!);
    return points > earned ? short(earned, `left of order "${orderId}"`) : 'new';
  }
  const isDebit = kind === 'SPEND' || kind === 'HOLD' || kind === 'EXPIRE' || points < 0;
  return isDebit && Math.abs(points) > available ? short(available, 'available') : 'new';
}

/** An order that is sent again under another id changes nothing. Returns may come in parts. */
const onceAnOrder: ReadonlySet<EntryDraft['kind']> = new Set(['EARN', 'SPEND', 'HOLD']);
