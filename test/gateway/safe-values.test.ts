import { expect } from 'chai';
import { GraphQLError, GraphQLScalarType } from 'graphql';
import { RapportError } from '../../src/errors.js';
import { definePlugin } from '../../src/plugin.js';
import { openTestGateway, type TestGateway, testKeys } from '../support/gateway.js';

const circular: Record<string, unknown> = { name: 'a' };
circular.self = [circular, circular];
const unreadable = () =>
  new Proxy(new Error('secret'), {
    get() {
      throw new Error('secret: a trap');
    },
    has() {
      throw new Error('secret: a trap');
    },
  });
const unusable = {
  valueOf() {
    throw unreadable();
  },
};

/** Values and errors that cannot be written as JSON, or not even be read. */
const values: Readonly<Record<string, unknown>> = {
  circular,
  bigInt: { count: 1n },
  toJson: {
    toJSON() {
      throw new Error('secret: no JSON');
    },
  },
  symbol: 'fine',
  text: unusable,
  error: unreadable(),
  strict: { count: 1n },
};

function picky(value: unknown): string {
  if (value === 'graphql') throw new GraphQLError('Picky takes no "graphql"');
  if (value === 'rapport') throw new RapportError('invalid', 'PICKY', 'Picky takes no "rapport"');
  if (value === 'unreadable') throw unreadable();
  throw new TypeError('secret: connection string');
}

const strange = definePlugin({
  name: 'strange',
  provides: null,
  needs: [],
  sdl: /* GraphQL */ `
    scalar Odd
    scalar Picky
    type Strange {
      circular: JSON bigInt: JSON toJson: JSON symbol: Odd text: String error: String thrown: String rejected: String
      strict: JSON! fine: String many: [JSON]
    }
    extend type Query { strange: Strange @public around: Strange @public picky(value: Picky): String @public }
    extend type Subscription { stranger: Strange @allow(roles: [STOREFRONT]) }
  `,
  create: () => ({
    port: null,
    resolvers: {
      Odd: new GraphQLScalarType({ name: 'Odd', serialize: () => Symbol('odd') }),
      Picky: new GraphQLScalarType({
        name: 'Picky',
        parseValue: picky,
        parseLiteral: (node) => picky('value' in node ? node.value : null),
      }),
      Query: {
        picky: () => 'taken',
        strange: () => ({ ...values, fine: 'fine', many: ['a', circular, { b: 1n }, { c: [1] }] }),
        around: () => ({ fine: 'fine' }),
      },
      Strange: {
        thrown: () => {
          throw unreadable();
        },
        rejected: () => Promise.reject(unreadable()),
      },
      Subscription: {
        stranger: {
          subscribe: async function* () {
            yield { stranger: { ...values, fine: 'fine' } };
            throw unreadable();
          },
        },
      },
    },
  }),
});

describe('A value or an error that cannot be written', () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await openTestGateway([strange]);
  });
  after(() => gateway.close());

  const masked = { message: 'Something went wrong on our side.', code: 'INTERNAL' };

  for (const field of [...Object.keys(values), 'thrown', 'rejected']) {
    it(`makes its own field null, whichever way the operation is executed: ${field}`, async () => {
      for (let turn = 0; turn < 6; turn++) {
        const { data, errors, text } = await gateway.ask(`{ strange { fine ${field} } around { fine } }`);
        const expected = field === 'strict' ? null : { fine: 'fine', [field]: null };
        expect(data, text).to.deep.equal({ strange: expected, around: { fine: 'fine' } });
        expect(
          errors?.map(({ message, path, extensions: { code } }) => ({ message, path, code })),
        ).to.deep.equal([{ ...masked, path: ['strange', field] }]);
        expect(text).not.to.contain('secret');
      }
    });
  }

  it('is told of a scalar that does not take a value only if it was made for callers', async () => {
    const shown: Readonly<Record<string, string>> = {
      graphql: 'Picky takes no "graphql"',
      rapport: 'Picky takes no "rapport"',
      plain: 'not one that it takes',
      unreadable: 'not one that it takes',
    };
    for (const [value, message] of Object.entries(shown)) {
      for (let turn = 0; turn < 6; turn++) {
        const answers = [
          await gateway.ask(`{ picky(value: "${value}") }`),
          await gateway.ask('query ($value: Picky) { picky(value: $value) }', { variables: { value } }),
        ];
        for (const { errors, text } of answers) {
          expect(errors, text).to.have.lengthOf(1);
          expect(errors![0]!.message).to.contain(message).and.to.contain('Picky');
          expect(errors![0]!.extensions.kind).to.equal('invalid');
          expect(text).not.to.contain('secret');
        }
      }
    }
    const line = gateway.system.log.lines.find(({ fields }) => fields.scalar === 'Picky');
    expect(line?.level).to.equal('warn');
    expect(JSON.stringify(line)).to.contain('secret: connection string');
  });

  it('makes only its own item of a list null', async () => {
    for (let turn = 0; turn < 6; turn++) {
      const { at, errors } = await gateway.ask('{ strange { many } }');
      expect(at('strange.many.3')).to.deep.equal({ c: [1] });
      expect(at('strange.many.1')).to.equal(null);
      expect(errors?.map(({ path }) => path)).to.deep.equal([
        ['strange', 'many', 1],
        ['strange', 'many', 2],
      ]);
    }
  });

  it('is null in the event of a subscription, and ends the stream with an error', async () => {
    const query = `subscription { stranger { fine ${Object.keys(values)
      .filter((field) => field !== 'strict')
      .join(' ')} thrown } }`;
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        'x-api-key': testKeys.STOREFRONT,
      },
      body: JSON.stringify({ query }),
    });
    const events = (await response.text()).split('\n').filter((line) => line.startsWith('data: {'));
    const [first, last] = events.map((line) => JSON.parse(line.slice('data: '.length)));
    expect(first.data.stranger).to.include({ fine: 'fine', circular: null, error: null });
    expect(first.errors).to.have.lengthOf(7);
    expect(last.errors[0].message).to.equal(masked.message);
  });
});
