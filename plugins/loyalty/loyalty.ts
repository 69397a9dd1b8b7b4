import type { Caller } from '../../src/context.js';
import { RapportError, type UserError, userError } from '../../src/errors.js';
import { customerIdIn, customerName, isId } from '../../src/person-ids.js';
import type { Host } from '../../src/plugin.js';
import type { Customers, Person } from '../../src/ports/customers.js';
import type { Loyalty, LoyaltyState } from '../../src/ports/loyalty.js';
import type { Queue } from '../../src/ports/queue.js';
import type { Collection, CollectionSpec, Document, Page, Store } from '../../src/ports/store.js';
import { checkEntry, decide, type EntryDraft } from './entry-input.js';
import { createLedger, type Ledger, type StoredEntry } from './ledger.js';

const entriesPerCall = 100;
/** Entries of one document of at most 1 MiB. */
export const entriesMax = 4_000;
const entriesCharactersMax = 900_000;
/** The store indexes so many names of a document. A person has at most 50 customers at one time. */
const customersMax = 64;
const attemptsMax = 20;
export const dayMs = 86_400_000;

/**
 * Entries that were recorded while a customer's id was that of their person: their own, and those of customers who were merged with them then. So
 * one compare-and-set of one document decides about the points of a person.
 */
interface Account extends Document {
  readonly version: number;
  /** The person, and the customers of the entries; at most `customersMax`. */
  readonly who: readonly string[];
  readonly entries: readonly StoredEntry[];
}

const accountsSpec: CollectionSpec<Account> = {
  name: 'loyalty-accounts',
  indexes: { byCustomer: { fields: ['who'] } },
  shardBy: 'id',
  person: {
    names: ({ who }) => who.map(customerName),
    find: { index: 'byCustomer', value: customerIdIn },
    without(account, isErased) {
      const entries = account.entries.filter(({ customerId }) => !isErased(customerName(customerId)));
      const who = [...new Set(entries.map(({ customerId }) => customerId))];
      if (who.length === 0) return [];
      // Entries of others that were recorded under the erased person's id need another one. They are found by their customers.
      const id = isErased(customerName(account.id)) ? `${who[0]}~${account.version}` : account.id;
      return [{ ...account, id, who: id === account.id ? [...new Set([id, ...who])] : who, entries }];
    },
    only: ({ entries }, isTheirs) => entries.filter(({ customerId }) => isTheirs(customerName(customerId))),
  },
};

export interface LoyaltySettings {
  /** By their points, ascending. */
  readonly tiers: readonly { readonly name: string; readonly points: number }[];
  readonly tierDays: number;
  /** null: points do not expire. */
  readonly expireDays: number | null;
}

interface LoyaltyNeeds {
  readonly store: Store;
  readonly queue: Queue;
  readonly customers: Customers;
}

export function createLoyalty(
  { store, queue, customers }: LoyaltyNeeds,
  { clock }: Host,
  settings: LoyaltySettings,
): { readonly port: Loyalty; start(): Promise<void> } {
  let accounts: Collection<Account>;

  async function accountsOf(customerId: string): Promise<Account[]> {
    const found: Account[] = [];
    let after: string | null = null;
    do {
      const page: Page<Account> = await accounts.find({
        index: 'byCustomer',
        equals: [customerId],
        limit: 100,
        ...(after === null ? {} : { after }),
      });
      found.push(...page.items);
      after = page.next;
    } while (after !== null);
    return found;
  }

  /** All entries of a person, in the order of time. `own`: the document of the person, which was read before. */
  async function ledgerOf({ id, members }: Person, own: Account | null): Promise<Ledger> {
    const found = new Map<string, Account>();
    for (const account of (await Promise.all(members.map(accountsOf))).flat()) found.set(account.id, account);
    if (own !== null) found.set(id, own);
    const of = new Set(members);
    const entries = [...found.values()]
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .flatMap((account) => account.entries.filter(({ customerId }) => of.has(customerId)));
    const ledger = createLedger();
    for (const entry of entries.sort((a, b) => a.atMs - b.atMs)) ledger.apply(entry);
    ledger.advance(clock.nowMs());
    return ledger;
  }

  function tiersOf(points: number): Pick<LoyaltyState, 'tier' | 'nextTier'> {
    const next = settings.tiers.find((tier) => tier.points > points);
    return {
      tier: settings.tiers.findLast((tier) => tier.points <= points)?.name ?? null,
      nextTier: next === undefined ? null : { name: next.name, points: next.points - points },
    };
  }

  /** Applies what has no fault to the ledger. */
  function applyAll(
    drafts: readonly (EntryDraft | null)[],
    customerId: string,
    ledger: Ledger,
    atMs: number,
  ): {
    readonly added: readonly StoredEntry[];
    readonly duplicates: number;
    readonly userErrors: readonly UserError[];
  } {
    const added: StoredEntry[] = [];
    const userErrors: UserError[] = [];
    let duplicates = 0;
    ledger.advance(atMs);
    for (const [at, draft] of drafts.entries()) {
      if (draft === null) continue;
      const decision = decide(draft, ledger);
      if (decision === 'known') duplicates++;
      else if (decision !== 'new')
        userErrors.push(userError(decision.code, decision.message, ['entries', String(at)]));
      else {
        const isCredit = draft.kind === 'EARN' || (draft.kind === 'ADJUST' && draft.points > 0);
        const expires = isCredit && draft.expiresAtMs === undefined && settings.expireDays !== null;
        const entry = {
          ...draft,
          ...(expires ? { expiresAtMs: atMs + settings.expireDays! * dayMs } : {}),
          customerId: ownerOf(draft, ledger) ?? customerId,
          atMs,
        };
        ledger.apply(entry);
        ledger.advance(atMs);
        added.push(entry);
      }
    }
    return { added, duplicates, userErrors };
  }

  async function record(caller: Caller, customerId: string, inputs: readonly unknown[]) {
    if (caller.role !== 'SERVER' && caller.role !== 'ADMIN')
      throw new RapportError('denied', 'AUTHENTICATION_ROLE', 'Only a SERVER key records loyalty points.');
    checkSent(customerId, inputs);
    const faults: UserError[] = [];
    const drafts = inputs.map((raw, at) => {
      const { draft, userErrors } = checkEntry(raw, ['entries', String(at)], clock.nowMs());
      faults.push(...userErrors);
      return draft;
    });
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      const person = await customers.personOf(customerId);
      const own = await accounts.get(person.id);
      const ledger = await ledgerOf(person, own);
      // A clock that was set back must not put entries before those that are there.
      const atMs = Math.max(clock.nowMs(), ledger.entries.at(-1)?.atMs ?? 0);
      const { added, duplicates, userErrors } = applyAll(drafts, customerId, ledger, atMs);
      const result = { recorded: added.length, duplicates, userErrors: [...faults, ...userErrors] };
      if (added.length === 0) return result;
      const next: Account = {
        id: person.id,
        version: (own?.version ?? 0) + 1,
        who: [...new Set([person.id, ...(own?.who ?? []), ...added.map((entry) => entry.customerId)])],
        entries: [...(own?.entries ?? []), ...added],
      };
      if (
        next.who.length > customersMax ||
        next.entries.length > entriesMax ||
        JSON.stringify(next.entries).length > entriesCharactersMax
      )
        throw full(person.id, own?.entries.length ?? 0);
      if (await write(next, own?.version ?? 0, customerId)) return result;
    }
    throw new RapportError(
      'conflict',
      'LOYALTY_CONTENDED',
      'Too many entries of one person arrive at once; send them again.',
    );
  }

  /** False if somebody else wrote meanwhile. */
  async function write(next: Account, version: number, customerId: string): Promise<boolean> {
    let isLost = false;
    const lost = new Error('the account was written meanwhile');
    try {
      await queue.publishing([{ type: 'loyalty.changed', customerId }], async () => {
        await accounts.update(next.id, (current) => {
          isLost = (current?.version ?? 0) !== version;
          return isLost ? undefined : next;
        });
        if (isLost) throw lost;
      });
      return true;
    } catch (error) {
      if (error === lost) return false;
      throw error;
    }
  }

  return {
    port: {
      record,
      async stateOf(customerId) {
        const person = await customers.personOf(customerId);
        const { balances, entries, expiring, earnedSince } = await ledgerOf(person, null);
        return {
          balance: balances.AVAILABLE,
          pending: balances.HELD,
          expiring: expiring(),
          ...tiersOf(earnedSince(clock.nowMs() - settings.tierDays * dayMs)),
          entries: [...entries].reverse(),
        };
      },
    },
    async start() {
      accounts = await store.collection(accountsSpec);
    },
  };
}

/** The end of a hold and a return belong to the customer of the hold or order, so that they stay together when a merge is undone. */
export function ownerOf({ kind, holdId, orderId }: EntryDraft, ledger: Ledger): string | null {
  if (holdId !== undefined) return ledger.entry(holdId)?.customerId ?? null;
  return kind === 'RETURN' ? (ledger.earning(orderId!)?.customerId ?? null) : null;
}

function checkSent(customerId: string, inputs: readonly unknown[]): void {
  if (!isId(customerId))
    throw new RapportError(
      'invalid',
      'LOYALTY_CUSTOMER_INVALID',
      `${JSON.stringify(customerId)} is not the id of a customer`,
      {
        path: ['customerId'],
      },
    );
  if (inputs.length > entriesPerCall)
    throw new RapportError(
      'invalid',
      'LOYALTY_ENTRIES_TOO_MANY',
      `${inputs.length} entries; at most ${entriesPerCall} are allowed in one call`,
      {
        path: ['entries'],
      },
    );
}

function full(id: string, entries: number): RapportError {
  return new RapportError(
    'limited',
    'LOYALTY_ACCOUNT_FULL',
    `the account of "${id}" has ${entries} entries; at most ${entriesMax} are allowed`,
  );
}
