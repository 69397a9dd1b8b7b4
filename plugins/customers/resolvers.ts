import type { Context, ContextInput, Request } from '../../src/context.js';
import { RapportError } from '../../src/errors.js';
import type { FoundIdentity, Instance, Resolvers } from '../../src/plugin.js';
import type { Customer, Identifier, IdentifierName, Merge, Shopper } from '../../src/ports/customers.js';
import type { CustomersPlugin } from './customers.js';
import type { MergeResult } from './person-changes.js';
import { speaksFor } from './proof.js';

interface IdentifierArgs {
  readonly customerId: string;
  readonly identifier: IdentifierName;
}

export function customersResolvers(customers: CustomersPlugin): {
  readonly resolvers: Resolvers;
  readonly nodes: NonNullable<Instance<unknown>['nodes']>;
} {
  async function shopper(context: Context, request: Request): Promise<Shopper> {
    request.personal();
    const recognised = await customers.recognise(context);
    if (recognised.uncertain) request.degraded('customers');
    return recognised;
  }

  async function customer(id: string, request: Request): Promise<Customer | null> {
    const { customerId, role } = request.caller;
    request.personal();
    const isOwn =
      customerId === id ||
      (customerId !== null && (await customers.personOf(customerId)).members.includes(id));
    if (customerId !== null && !isOwn && role === 'STOREFRONT') throw ofAnother();
    if (!isOwn) request.allow('SERVER');
    return customers.get(id);
  }

  const nodes = {
    Shopper: {
      field: 'Query.shopper',
      view: 'person',
      identify: ({ context }: Shopper) => ({ context, key: [] }),
      find: ({ context }: FoundIdentity<[]>, request: Request) => shopper(context!, request),
    },
    Customer: {
      field: 'Query.customer',
      view: 'person',
      identify: ({ id }: Customer) => ({ context: null, key: [id] }),
      find: ({ key: [id] }: FoundIdentity<[string]>, request: Request) => customer(id, request),
    },
  } as const;
  const resolvers: Resolvers = {
    Query: {
      shopper: (_: unknown, args: { context: ContextInput }, request: Request) =>
        shopper(request.context(args.context), request),
      customer: (_: unknown, { id }: { id: string }, request: Request) => customer(id, request),
    },
    Shopper: {
      // The id that the client knows.
      sessionId: ({ context }: Shopper) => context.sessionId,
      known: (shopper: Shopper) => shopper.customerId !== null,
      async profile({ context, customerId }: Shopper, _: unknown, request: Request) {
        if (customerId === null || !speaksFor(context.caller, customerId)) return null;
        request.personal();
        return customers.get(customerId);
      },
    },
    Customer: {
      traitValues: ({ traits, origins = {} }: Customer) =>
        Object.entries(traits).map(([name, value]) => {
          const origin = origins[`trait:${name}`];
          return {
            name,
            value,
            source: origin?.source ?? null,
            at: origin === undefined ? null : new Date(origin.atMs),
          };
        }),
      identifiers: ({ id }: Customer) => customers.identifiersOf(id),
      merges: ({ id }: Customer) => customers.mergesOf(id),
      createdAt: (customer: Customer) => new Date(customer.createdAtMs),
      updatedAt: (customer: Customer) => new Date(customer.updatedAtMs),
    },
    Identifier: {
      at: ({ atMs }: Identifier) => (atMs === null ? null : new Date(atMs)),
    },
    Merge: {
      at: ({ atMs }: Merge) => new Date(atMs),
      undoneAt: ({ undone }: Merge) => (undone === undefined ? null : new Date(undone.atMs)),
      undoneBy: ({ undone }: Merge) => undone?.source ?? null,
    },
    MergePayload: {
      customer: ({ merge }: MergeResult) => (merge === null ? null : customers.get(merge.into)),
    },
    UnmergePayload: {
      customers: ({ merge }: MergeResult) =>
        merge === null ? [] : present([customers.get(merge.into), customers.get(merge.from)]),
    },
    Mutation: {
      async linkIdentifier(_: unknown, args: IdentifierArgs, request: Request) {
        request.personal();
        const result = await customers.link(request.caller, args.customerId, args.identifier);
        return { ...result, customer: await customers.get(args.customerId) };
      },
      async unlinkIdentifier(_: unknown, args: IdentifierArgs, request: Request) {
        request.personal();
        const result = await customers.unlink(request.caller, args.customerId, args.identifier);
        return { ...result, customer: await customers.get(args.customerId) };
      },
      mergeCustomers(
        _: unknown,
        { into, from, reason }: { into: string; from: string; reason: string },
        request: Request,
      ) {
        request.personal();
        return customers.merge(request.caller, into, from, reason);
      },
      unmergeCustomers(_: unknown, { mergeId }: { mergeId: string }, request: Request) {
        request.personal();
        return customers.unmerge(request.caller, mergeId);
      },
      async identify(
        _: unknown,
        args: { context: ContextInput; customer: Readonly<Record<string, unknown>> },
        request: Request,
      ) {
        request.personal();
        const context = request.context(args.context);
        const result = await customers.identify(context, args.customer);
        // An id that was made for this request is known to nobody else.
        const renews = result.customer !== null && args.context.sessionId != null;
        const sessionId = renews ? await customers.renew(context, result.customer.id) : context.sessionId;
        // A context of its own, so that nothing derived for the shopper as they were before is met again.
        return {
          ...result,
          shopper: await customers.recognise({ ...context, signal: context.signal, sessionId }),
        };
      },
      async signOut(_: unknown, args: { context: ContextInput }, request: Request) {
        request.personal();
        const context = request.context(args.context);
        const sessionId = await customers.signOut(context);
        return {
          shopper: await customers.recognise({
            ...context,
            signal: context.signal,
            sessionId,
            customerId: null,
          }),
          userErrors: [],
        };
      },
    },
  };
  return { resolvers, nodes };
}

async function present<T>(values: readonly Promise<T | null>[]): Promise<readonly T[]> {
  return (await Promise.all(values)).filter((value) => value !== null);
}

/** One answer whether or not the customer exists. */
function ofAnother(): RapportError {
  return new RapportError(
    'denied',
    'AUTHENTICATION_ROLE',
    "The bearer token is another customer's than the id names; ask for its own customer, or with a SERVER key.",
    { path: ['id'] },
  );
}
