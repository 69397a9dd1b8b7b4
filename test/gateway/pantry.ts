import { setImmediate as turn } from 'node:timers/promises';
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
    enum Seal { WAX CORK }
    "Every shape that a field can have, good and bad."
    type Shapes {
      whole: Int! part: Float yes: Boolean! seal: Seal other: Seal text: String! free: JSON nothing: String
      rows: [[Int!]] late: [String] lost: [Jar] strict: [Jar!] needed: Jar! deep: Shapes
      thrown: String refusedLate: String! badWhole: Int badList: [Int] echo(word: String = "x", times: Int): String
      thrownStrict: String! tardy: String later: String broken: [Jar!] wish(wish: Wish): JSON hope(hope: Hope): JSON
    }
    input Wish { word: String! = "w" times: Int = 2 inner: Wish inners: [Wish!] }
    input Hope { times: Int = 2 inner: Hope inners: [Hope!] }
    type Whereabouts { sessionId: ID! customerId: ID locale: Locale! currency: CurrencyCode! storeId: ID }
    extend type Query {
      jar(id: ID = "1"): Jar @public
      shapes: Shapes @public
      refused: String @allow(roles: [STOREFRONT])
      defect: String @public
      privacy: Boolean @public
      whereabouts(context: ShopperContext!): Whereabouts @allow(roles: [STOREFRONT, SERVER, MERCHANDISER])
      moment(at: DateTime!): DateTime @public
      price(amount: Decimal!): Decimal @public
    }
    extend type Mutation { fill(label: String!): Jar @allow(roles: [SERVER]) }
  `,
  create() {
    const shapes = {
      whole: 3,
      part: -0.1,
      yes: true,
      seal: 'WAX',
      other: null,
      text: 'quo"te\u2028\n',
      free: { a: [1, { b: null }] },
    };
    const jar = (id: string): { id: string; label: string } => ({ id, label: `jar ${id}` });
    return {
      port: null,
      resolvers: {
        Query: {
          jar: (_: unknown, { id }: { id: string }) => jar(id),
          shapes: () => shapes,
          refused: () => {
            throw new RapportError('missing', 'PANTRY_EMPTY', 'The pantry is empty; fill it first.', {
              retryAfterSeconds: 3,
            });
          },
          privacy: (_: unknown, __: unknown, { caller }: Request) => caller.globalPrivacyControl,
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
        Shapes: {
          rows: () => [[1, 2], null, new Set([3])],
          late: () => [Promise.resolve('a'), 'b', Promise.reject(new Error('secret: late'))],
          lost: async () => [jar('1'), new Error('secret: lost'), null, Promise.resolve(jar('2'))],
          strict: () => [jar('1'), Promise.resolve(null)],
          needed: async () => null,
          deep: async () => shapes,
          thrown: () => {
            throw new RapportError('missing', 'PANTRY_EMPTY', 'The pantry is empty; fill it first.');
          },
          refusedLate: () => Promise.reject(new RapportError('missing', 'PANTRY_EMPTY', 'Empty.')),
          thrownStrict: () => {
            throw new RapportError('missing', 'PANTRY_EMPTY', 'Empty.');
          },
          tardy: async () => {
            await turn();
            throw new RapportError('missing', 'PANTRY_TARDY', 'Too late.');
          },
          later: async () => {
            for (let turns = 0; turns < 4; turns++) await turn();
            return 'later';
          },
          *broken() {
            yield turn().then(() => null);
            throw new Error('secret: no more');
          },
          // Changes its arguments, as careless resolvers do.
          wish(_: unknown, args: { wish: { word: string } | null }) {
            const given = structuredClone(args.wish);
            if (args.wish) args.wish.word = 'changed';
            args.wish = null;
            return given;
          },
          hope: (_: unknown, { hope }: { hope: unknown }) => hope,
          badWhole: () => 'three',
          badList: () => 3,
          echo: (_: unknown, { word, times }: { word: string; times?: number }) => word.repeat(times ?? 1),
        },
        Mutation: {
          fill: (_: unknown, { label }: { label: string }) => {
            return { ...jar('9'), label };
          },
        },
      },
    };
  },
});
