import type { Request } from '../../src/context.js';
import { RapportError } from '../../src/errors.js';
import type { Resolvers } from '../../src/plugin.js';
import type { Customer, Shopper } from '../../src/ports/customers.js';
import type { Loyalty, LoyaltyEntry, LoyaltyState } from '../../src/ports/loyalty.js';
import type { SpeechWriter } from '../../src/ports/speech.js';
import { spokenAccount } from './spoken-account.js';

const pageMax = 100;
const expiringMax = 20;

interface AccountNode {
  readonly state: LoyaltyState;
  readonly locale: string;
}

interface EntryPage {
  readonly entries: readonly LoyaltyEntry[];
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
}

interface PageArgs {
  readonly first?: number | null;
  readonly after?: string | null;
}

interface RecordArgs {
  readonly customerId: string;
  readonly entries: readonly object[];
}

export function createResolvers(loyalty: Loyalty, speech: SpeechWriter): Resolvers {
  async function accountOf(customerId: string, locale: string, request: Request): Promise<AccountNode> {
    request.personal();
    return { state: await loyalty.stateOf(customerId), locale };
  }

  return {
    Shopper: {
      loyalty: ({ customerId, context }: Shopper, _: unknown, request: Request) =>
        customerId === null ? null : accountOf(customerId, context.locale, request),
    },
    Customer: {
      loyalty: ({ id, locale }: Customer, _: unknown, request: Request) =>
        accountOf(id, locale ?? 'en', request),
    },
    LoyaltyAccount: {
      balance: ({ state }: AccountNode) => state.balance,
      pending: ({ state }: AccountNode) => state.pending,
      tier: ({ state }: AccountNode) => state.tier,
      nextTier: ({ state }: AccountNode) => state.nextTier,
      expiring: ({ state }: AccountNode) =>
        state.expiring.slice(0, expiringMax).map(({ points, atMs }) => ({ points, at: new Date(atMs) })),
      entries: ({ state: { entries } }: AccountNode, args: PageArgs) => pageOf(entries, args),
      speech({ state, locale }: AccountNode) {
        const { sentences, question } = spokenAccount(state, locale);
        return speech.say(sentences, question);
      },
    },
    LoyaltyEntryConnection: {
      nodes: ({ entries }: EntryPage) => entries,
      edges: ({ entries }: EntryPage) => entries.map((node) => ({ node, cursor: cursorOf(node) })),
      pageInfo: ({ entries, hasNextPage, hasPreviousPage }: EntryPage) => ({
        hasNextPage,
        hasPreviousPage,
        startCursor: entries[0] === undefined ? null : cursorOf(entries[0]),
        endCursor: entries.length === 0 ? null : cursorOf(entries.at(-1)!),
      }),
    },
    LoyaltyEntry: { at: ({ atMs }: LoyaltyEntry) => new Date(atMs) },
    Mutation: {
      async recordLoyalty(_: unknown, { customerId, entries }: RecordArgs, request: Request) {
        const result = await loyalty.record(
          request.caller,
          customerId,
          entries.map((entry) => ({ ...entry })),
        );
        return { ...result, account: await accountOf(customerId, 'en', request) };
      },
    },
  };
}

/** Entries are only ever added before those that are listed, so a page never shifts. */
function pageOf(entries: readonly LoyaltyEntry[], { first, after }: PageArgs): EntryPage {
  const size = first ?? 20;
  if (size < 1 || size > pageMax)
    throw new RapportError(
      'invalid',
      'LOYALTY_FIRST_INVALID',
      `first must be from 1 to ${pageMax}, not ${size}`,
      {
        path: ['first'],
      },
    );
  const known = (after ?? null) === null ? -1 : entries.findIndex((entry) => cursorOf(entry) === after);
  if ((after ?? null) !== null && known < 0)
    throw new RapportError(
      'invalid',
      'LOYALTY_CURSOR_INVALID',
      `after ${JSON.stringify(after!.slice(0, 40))} is not a cursor of this list; use pageInfo.endCursor of a page, or leave it out`,
      { path: ['after'] },
    );
  const page = entries.slice(known + 1, known + 1 + size);
  return { entries: page, hasNextPage: known + 1 + size < entries.length, hasPreviousPage: known >= 0 };
}

function cursorOf({ id, customerId }: LoyaltyEntry): string {
  return Buffer.from(JSON.stringify([customerId, id])).toString('base64url');
}
