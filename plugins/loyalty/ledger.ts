import type { LoyaltyAccountName, LoyaltyEntry, LoyaltyEntryKind } from '../../src/ports/loyalty.js';

/** An entry as it is stored. */
export interface StoredEntry {
  readonly id: string;
  readonly customerId: string;
  readonly kind: LoyaltyEntryKind;
  readonly points: number;
  readonly atMs: number;
  readonly orderId?: string;
  /** The hold that a RELEASE or SPEND ends. */
  readonly holdId?: string;
  /** The end of points that are credited, or of a hold. */
  readonly expiresAtMs?: number;
}

/** Points that were credited together. */
interface Lot {
  readonly entry: StoredEntry;
  left: number;
}

interface Hold {
  readonly entry: StoredEntry;
  readonly parts: readonly { readonly lot: Lot; readonly points: number }[];
  /** The part that no lot covered. */
  readonly owed: number;
}

type Balances = Record<LoyaltyAccountName, number>;

/**
 * Points of a person as their entries make them, in the order of time. Debits take the points that expire first. Without a lot that covers
 * them they become a debt, which the next credits pay.
 */
export interface Ledger {
  readonly balances: Readonly<Balances>;
  /** All entries, oldest first, with those that time made. */
  readonly entries: readonly LoyaltyEntry[];
  /** Available lots with an expiry, the earliest first. */
  expiring(): readonly { readonly points: number; readonly atMs: number }[];
  /** The points of an open hold; null: there is none. */
  heldBy(holdId: string): number | null;
  /** Points earned with an order, less returns. */
  earnedWith(orderId: string): number;
  /** True if an entry of a kind names the order. */
  hasOrder(kind: LoyaltyEntryKind, orderId: string): boolean;
  entry(id: string): StoredEntry | null;
  /** The entry that earned points with an order; null without one. */
  earning(orderId: string): StoredEntry | null;
  /** Points earned from a moment on, less returns of these orders. */
  earnedSince(fromMs: number): number;
  /** Lets points and holds expire until a moment, inclusively. */
  advance(toMs: number): void;
  /** Applies an entry that is not older than those before it. */
  apply(entry: StoredEntry): void;
}

export function createLedger(): Ledger {
  const balances: Balances = { ISSUED: 0, AVAILABLE: 0, HELD: 0, SPENT: 0, EXPIRED: 0 };
  const entries: LoyaltyEntry[] = [];
  const known = new Map<string, StoredEntry>();
  const orders = new Map<string, { earned: number; readonly kinds: Set<LoyaltyEntryKind> }>();
  const earned: { readonly entry: StoredEntry; points: number }[] = [];
  const holds = new Map<string, Hold>();
  let lots: Lot[] = [];
  let debt = 0;

  function book(
    entry: StoredEntry,
    from: LoyaltyAccountName,
    to: LoyaltyAccountName,
    points = entry.points,
  ): void {
    balances[from] -= points;
    balances[to] += points;
    const { id, customerId, kind, atMs, orderId = null } = entry;
    const postings = points === 0 ? {} : { [from]: -points, [to]: points };
    entries.push({ id, customerId, kind, points: entry.points, orderId, atMs, postings });
  }

  /** Lots stay in the order of their expiry, then of their age. */
  function insert(lot: Lot): void {
    let at = lots.length;
    while (at > 0 && isBefore(lot, lots[at - 1]!)) at--;
    lots.splice(at, 0, lot);
  }

  function credit(entry: StoredEntry, points: number): void {
    const paid = Math.min(debt, points);
    debt -= paid;
    if (points > paid) insert({ entry, left: points - paid });
  }

  /** Takes points from the lots, those of `orderId` first, then those that expire first. */
  function take(points: number, orderId?: string): Pick<Hold, 'parts' | 'owed'> {
    const parts: { lot: Lot; points: number }[] = [];
    let missing = points;
    function takeFrom(lot: Lot): void {
      const taken = Math.min(lot.left, missing);
      if (taken === 0) return;
      lot.left -= taken;
      missing -= taken;
      parts.push({ lot, points: taken });
    }
    if (orderId !== undefined) for (const lot of lots) if (lot.entry.orderId === orderId) takeFrom(lot);
    for (const lot of lots) {
      if (missing === 0) break;
      takeFrom(lot);
    }
    lots = lots.filter(({ left }) => left > 0);
    debt += missing;
    return { parts, owed: missing };
  }

  /** Gives points of a hold back to their lots, which may have expired meanwhile. */
  function giveBack({ entry, parts, owed }: Hold, points: number): void {
    const unpaid = Math.min(owed, debt, points);
    debt -= unpaid;
    let left = points - unpaid;
    for (const { lot, points: of } of parts) {
      const back = Math.min(of, left);
      if (back === 0) continue;
      left -= back;
      if (lot.left === 0) insert(lot);
      lot.left += back;
    }
    // A later credit has paid this part of the debt. It comes back without an expiry.
    const { expiresAtMs: _, ...lasting } = entry;
    if (left > 0) insert({ entry: lasting, left });
  }

  function expireLots(toMs: number): void {
    while (lots.length > 0 && expiryOf(lots[0]!) <= toMs) {
      const { entry, left } = lots.shift()!;
      const atMs = Math.max(entry.expiresAtMs!, entries.at(-1)?.atMs ?? 0);
      const { id, customerId } = entry;
      book({ id: `${id}:expired`, customerId, kind: 'EXPIRE', points: left, atMs }, 'AVAILABLE', 'EXPIRED');
    }
  }

  /** The moment at which the next hold ends by itself, or the next lot expires. */
  function nextEndMs(): number {
    let endMs = lots.length === 0 ? Number.POSITIVE_INFINITY : expiryOf(lots[0]!);
    for (const { entry } of holds.values()) endMs = Math.min(endMs, entry.expiresAtMs ?? endMs);
    return endMs;
  }

  function advance(toMs: number): void {
    for (let endMs = nextEndMs(); endMs <= toMs; endMs = nextEndMs()) {
      for (const [id, hold] of holds) {
        if ((hold.entry.expiresAtMs ?? Number.POSITIVE_INFINITY) > endMs) continue;
        release({ ...hold.entry, id: `${id}:released`, kind: 'RELEASE', atMs: endMs }, id, hold);
      }
      expireLots(endMs);
    }
  }

  function release(entry: StoredEntry, holdId: string, hold: Hold): void {
    holds.delete(holdId);
    book({ ...entry, points: hold.entry.points }, 'HELD', 'AVAILABLE');
    giveBack(hold, hold.entry.points);
  }

  function orderOf(orderId: string) {
    const order = orders.get(orderId) ?? { earned: 0, kinds: new Set<LoyaltyEntryKind>() };
    orders.set(orderId, order);
    return order;
  }

  function spend(entry: StoredEntry): void {
    const hold = entry.holdId === undefined ? undefined : holds.get(entry.holdId);
    if (hold === undefined) {
      take(entry.points);
      book(entry, 'AVAILABLE', 'SPENT');
      return;
    }
    const held = hold.entry.points;
    const ofHold = Math.min(held, entry.points);
    holds.delete(entry.holdId!);
    book(entry, 'HELD', 'SPENT', ofHold);
    if (held === ofHold) return;
    book(
      {
        ...hold.entry,
        id: `${hold.entry.id}:released`,
        kind: 'RELEASE',
        points: held - ofHold,
        atMs: entry.atMs,
      },
      'HELD',
      'AVAILABLE',
    );
    giveBack(hold, held - ofHold);
  }

  return {
    balances,
    entries,
    expiring: () =>
      lots
        .filter((lot) => expiryOf(lot) < Number.POSITIVE_INFINITY)
        .map((lot) => ({ points: lot.left, atMs: expiryOf(lot) })),
    heldBy: (holdId) => holds.get(holdId)?.entry.points ?? null,
    earnedWith: (orderId) => orders.get(orderId)?.earned ?? 0,
    hasOrder: (kind, orderId) => orders.get(orderId)?.kinds.has(kind) ?? false,
    entry: (id) => known.get(id) ?? null,
    earning: (orderId) => earned.find(({ entry }) => entry.orderId === orderId)?.entry ?? null,
    earnedSince: (fromMs) =>
      earned.reduce((sum, { entry, points }) => (entry.atMs >= fromMs ? sum + points : sum), 0),
    advance,
    apply(entry) {
      advance(entry.atMs);
      const { id, kind, points, orderId } = entry;
      known.set(id, entry);
      if (orderId !== undefined) orderOf(orderId).kinds.add(kind);
      switch (kind) {
        case 'EARN':
          if (orderId !== undefined) orderOf(orderId).earned += points;
          earned.push({ entry, points });
          book(entry, 'ISSUED', 'AVAILABLE');
          credit(entry, points);
          break;
        case 'ADJUST':
          book(entry, 'ISSUED', 'AVAILABLE');
          if (points > 0) credit(entry, points);
          else take(-points);
          break;
        case 'SPEND':
          spend(entry);
          break;
        case 'HOLD':
          holds.set(id, { entry, ...take(points) });
          book(entry, 'AVAILABLE', 'HELD');
          break;
        case 'RELEASE': {
          const hold = holds.get(entry.holdId!);
          if (hold !== undefined) release(entry, entry.holdId!, hold);
          break;
        }
        case 'EXPIRE':
          take(points);
          book(entry, 'AVAILABLE', 'EXPIRED');
          break;
        case 'RETURN': {
          orderOf(orderId!).earned -= points;
          const of = earned.find((each) => each.entry.orderId === orderId);
          if (of !== undefined) of.points -= points;
          take(points, orderId);
          book(entry, 'AVAILABLE', 'ISSUED');
          break;
        }
      }
    },
  };
}

function isBefore(one: Lot, other: Lot): boolean {
  const [a, b] = [expiryOf(one), expiryOf(other)];
  return a < b || (a === b && one.entry.atMs < other.entry.atMs);
}

function expiryOf({ entry }: Lot): number {
  return entry.expiresAtMs ?? Number.POSITIVE_INFINITY;
}
