import type { Context, ContextInput, Request } from '../../src/context.js';
import { itemAsSent } from '../../src/kit/unread-moment.js';
import type { Resolvers } from '../../src/plugin.js';
import type { Customers } from '../../src/ports/customers.js';
import type { Events } from '../../src/ports/events.js';

/** Units of an event against the limits of its sender: it is stored for good, and learned by every process. */
const unitsPerEvent = 10;

export function eventResolvers(events: Events, customers: Customers): Resolvers {
  return {
    Query: {
      eventReport: (_: unknown, { days }: { readonly days?: number | null }) => events.report(days ?? 7),
    },
    Mutation: {
      async recordEvents(
        _: unknown,
        args: {
          readonly context: ContextInput;
          readonly events: readonly unknown[];
          readonly sentAt?: Date | null;
        },
        request: Request,
      ) {
        const context = request.context(args.context);
        request.charge(args.events.length * unitsPerEvent);
        const { accepted, duplicates, userErrors, warnings } = await events.record(
          context,
          args.events.map(itemAsSent),
          {
            ...(args.sentAt ? { sentAtMs: args.sentAt.getTime() } : {}),
            withoutSession: args.context.sessionId == null,
          },
        );
        return {
          accepted,
          duplicates,
          rejected: userErrors.length,
          userErrors: [...userErrors, ...warnings],
          context,
        };
      },
    },
    RecordEventsPayload: {
      shopper: ({ context }: { readonly context: Context }) => customers.recognise(context),
    },
  };
}
