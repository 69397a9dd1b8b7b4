import type { Request } from '../../src/context.js';
import { RapportError } from '../../src/errors.js';
import { definePlugin } from '../../src/plugin.js';

/** A small plugin for tests of the gateway alone: a greeting, a failure of each sort, a context, a mutation. */
export const pantry = definePlugin({
  name: 'pantry',
  provides: null,
  needs: [],
  sdl: /* GraphQL */ `
    type Jar { id: ID! label: String! broken: String inner: Jar jars: [Jar!]! }
    type Whereabouts { sessionId: ID! customerId: ID locale: Locale! currency: CurrencyCode! storeId: ID }
    extend type Query {
      jar(id: ID = "1"): Jar
      refused: String
      defect: String
      whereabouts(context: ShopperContext!): Whereabouts
      moment(at: DateTime!): DateTime
      price(amount: Decimal!): Decimal
    }
    extend type Mutation { fill(label: String!): Jar }
  `,
  create() {
    const jar = (id: string): { id: string; label: string } => ({ id, label: `jar ${id}` });
    return {
      port: null,
      resolvers: {
        Query: {
          jar: (_: unknown, { id }: { id: string }) => jar(id),
          refused: (_: unknown, __: unknown, request: Request) => {
            request.allow('STOREFRONT');
            throw new RapportError('missing', 'PANTRY_EMPTY', 'The pantry is empty; fill it first.', {
              retryAfterSeconds: 3,
            });
          },
          defect: () => {
            throw new Error('secret: the cellar is flooded');
          },
          whereabouts: (
            _: unknown,
            { context }: { context: Parameters<Request['context']>[0] },
            request: Request,
          ) => request.context(context),
          moment: (_: unknown, { at }: { at: Date }) => at,
          price: (_: unknown, { amount }: { amount: string }) => amount,
        },
        Jar: {
          broken: () => Promise.reject(new Error('secret: the shelf fell down')),
          inner: ({ id }: { id: string }) => jar(`${id}.1`),
          jars: ({ id }: { id: string }) => [jar(`${id}.a`), jar(`${id}.b`)],
        },
        Mutation: {
          fill: (_: unknown, { label }: { label: string }, request: Request) => {
            request.allow('SERVER');
            return { ...jar('9'), label };
          },
        },
      },
    };
  },
});
