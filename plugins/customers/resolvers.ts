import type { ContextInput, Request } from '../../src/context.js';
import type { Resolvers } from '../../src/plugin.js';
import type { Customer, Customers, Shopper } from '../../src/ports/customers.js';
import { speaksFor } from './customers.js';

export function customersResolvers(customers: Customers): Resolvers {
  return {
    Query: {
      async shopper(_: unknown, args: { context: ContextInput }, request: Request) {
        request.personal();
        const shopper = await customers.recognise(request.context(args.context));
        if (shopper.uncertain) request.degraded('customers');
        return shopper;
      },
      async customer(_: unknown, { id }: { id: string }, request: Request) {
        if (request.caller.customerId !== id) request.allow('SERVER');
        request.personal();
        return customers.get(id);
      },
    },
    Shopper: {
      sessionId: (shopper: Shopper) => shopper.sessionId,
      known: (shopper: Shopper) => shopper.customerId !== null,
      async profile({ context, customerId }: Shopper, _: unknown, request: Request) {
        if (customerId === null || !speaksFor(context.caller, customerId)) return null;
        request.personal();
        return customers.get(customerId);
      },
    },
    Customer: {
      createdAt: (customer: Customer) => new Date(customer.createdAtMs),
      updatedAt: (customer: Customer) => new Date(customer.updatedAtMs),
    },
    Mutation: {
      async identify(
        _: unknown,
        args: { context: ContextInput; customer: Readonly<Record<string, unknown>> },
        request: Request,
      ) {
        request.personal();
        const context = request.context(args.context);
        const result = await customers.identify(context, args.customer);
        // A context of its own, so that nothing derived for the shopper as they were before is met again.
        return { ...result, shopper: await customers.recognise({ ...context }) };
      },
    },
  };
}
