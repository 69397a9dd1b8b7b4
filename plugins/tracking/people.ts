import type { Caller, Context, ContextInput } from '../../src/context.js';
import { type UserError, userError } from '../../src/errors.js';
import type { Customers, Said } from '../../src/ports/customers.js';
import type { Effect } from '../../src/ports/events.js';
import type { Message } from './message.js';

/** Warnings of one request that are named. */
const warningsMax = 100;
const shownMax = 40;
const profileFields: ReadonlyMap<string, string> = new Map([
  ['email', 'email'],
  ['firstName', 'firstName'],
  ['first_name', 'firstName'],
  ['lastName', 'lastName'],
  ['last_name', 'lastName'],
]);

/** A message that may be recorded, and its place in the batch. */
export interface Taken {
  readonly index: number;
  readonly message: Message;
  readonly context: Context;
}

/** What the messages of one request say about people. */
export interface People {
  /** For each message, what it does beside being recorded; null: nothing. Empty if none of them names anybody. */
  effectsOf(taken: readonly Taken[]): Promise<readonly (Effect | null)[]>;
  /** What was left out; paths begin with the place among the messages taken. */
  readonly warnings: readonly UserError[];
}

/**
 * A message with a proven `userId` links its session to the customer: `identify` with traits, `alias` the session of its
 * `previousId`, every other one as Segment's users expect of a message with both ids.
 */
export function createPeople(customers: Customers, contextOf: (input: ContextInput) => Context): People {
  const warnings: UserError[] = [];

  function warnOf(code: string, message: string, path: readonly (string | number)[]): void {
    if (warnings.length < warningsMax) warnings.push(userError(code, message, path));
  }

  function warn(place: number, kind: Message['kind'], errors: readonly UserError[]): void {
    for (const { code, message, path } of errors) {
      const session = kind === 'alias' ? 'previousId' : 'anonymousId';
      // Below `customer` of the port, below `traits` of the message.
      const named = path.slice(path[1] === 'traits' ? 2 : 1);
      warnOf(code, message, path[0] === 'context' ? [place, session] : [place, 'traits', ...named]);
    }
  }

  async function identify(place: number, { message }: Taken, context: Context, said: Said) {
    const id = message.customerId!;
    const { customer, userErrors } = await customers.identify(
      context,
      { id, ...(message.kind === 'identify' ? profileOf(message.traits) : {}) },
      said,
    );
    if (customer === null) return userErrors.map((error) => ({ ...error, path: ['userId'] }));
    warn(place, message.kind, userErrors);
    return [];
  }

  async function alias(place: number, taken: Taken, said: Said): Promise<readonly UserError[]> {
    const { customerId, previousId, channel } = taken.message;
    const earlier = contextOf({ channel, sessionId: previousId });
    const { linkedTo } = await customers.recognise(earlier);
    if (!isServer(earlier.caller)) {
      // The same response for every id; otherwise a shopper could find out about others.
      if (linkedTo === undefined)
        await customers.identify({ ...earlier, customerId }, { id: customerId }, said);
      return [];
    }
    if (linkedTo === customerId) return [];
    if (linkedTo !== undefined || (await customers.get(previousId!)) !== null) {
      return [
        userError(
          'TRACKING_ALIAS_TAKEN',
          'previousId must be the anonymous id of a session that is nobody’s yet',
          ['previousId'],
        ),
      ];
    }
    return identify(place, taken, { ...earlier, customerId }, said);
  }

  return {
    warnings,

    async effectsOf(taken) {
      if (taken.every(({ message }) => message.customerId === null && message.unprovenId === null)) return [];
      /** Sessions in which the batch names nobody but the customer they are linked to. */
      const settled = new Map<string, boolean>();
      for (const [place, { message, context }] of taken.entries()) {
        const { customerId, unprovenId } = message;
        const { sessionId } = context;
        if (unprovenId !== null) {
          const text = `"${unprovenId.slice(0, shownMax)}" is not proven: a STOREFRONT key needs the bearer token of that very customer; the message was recorded as anonymous`;
          warnOf('TRACKING_USER_UNPROVEN', text, [place, 'userId']);
        }
        if (customerId === null || settled.get(sessionId) === false) continue;
        const { linkedTo, vouched = false } = await customers.recognise(context);
        settled.set(sessionId, linkedTo === customerId && (vouched || !isServer(context.caller)));
      }
      /** The last time by each session's clock, and the customer it was reported for. */
      const latest = new Map<string, { readonly customerId: string; readonly atMs: number }>();
      /** Never goes back in a batch, as its order counts. After another customer's message an older time says nothing. */
      const deviceAtOf = (
        sessionId: string,
        customerId: string,
        { draft, sentAtMs }: Message,
      ): number | undefined => {
        const saidMs = draft.at ?? sentAtMs ?? undefined;
        const before = latest.get(sessionId);
        if (saidMs === undefined) return undefined;
        if (before !== undefined && saidMs < before.atMs)
          return before.customerId === customerId ? before.atMs : undefined;
        latest.set(sessionId, { customerId, atMs: saidMs });
        return saidMs;
      };
      return taken.map((one, place): Effect | null => {
        const { kind, customerId, previousId } = one.message;
        if (customerId === null) return null;
        const isAlias = kind === 'alias';
        const deviceAtMs = deviceAtOf(isAlias ? previousId! : one.context.sessionId, customerId, one.message);
        const device = deviceAtMs === undefined ? {} : { deviceAtMs };
        const people = [`c${customerId}`];
        if (isAlias) {
          return {
            people: [...people, `s${previousId}`],
            run: (_, atMs, linkAtMs) => alias(place, one, { atMs, linkAtMs, ...device }),
          };
        }
        if (kind !== 'identify' && settled.get(one.context.sessionId) === true) return null;
        return {
          people,
          run: (context, atMs, linkAtMs) => identify(place, one, context, { atMs, linkAtMs, ...device }),
        };
      });
    },
  };
}

function isServer({ role }: Caller): boolean {
  return role === 'SERVER' || role === 'ADMIN';
}

/** Traits as a profile has them: the fields by their names, everything else as traits. */
function profileOf(traits: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  const others = new Map<string, unknown>();
  for (const [name, value] of Object.entries(traits)) {
    const field = profileFields.get(name);
    if (field === undefined) others.set(name, value);
    else if (value !== undefined && value !== '') fields[field] = value;
  }
  // fromEntries defines what it is given and sets no prototype.
  return others.size === 0 ? fields : { ...fields, traits: Object.fromEntries(others) };
}
