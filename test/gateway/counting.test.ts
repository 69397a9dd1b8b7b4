import { expect } from 'chai';
import { definePlugin } from '../../src/plugin.js';
import { openTestGateway, type TestGateway } from '../support/gateway.js';

const json = (entries: number) => Array.from({ length: entries }, (_, i) => ({ i }));

/** What an operation costs is counted by the values that come, not only by what its document says. */
const sized = definePlugin({
  name: 'sized',
  provides: null,
  needs: [],
  sdl: /* GraphQL */ `
    type Row { text: String }
    extend type Query { json(entries: Int!): JSON @public rows(count: Int!): [Row] @public late(entries: Int!): JSON @public }
  `,
  create: () => ({
    port: null,
    resolvers: {
      Query: {
        json: (_: unknown, { entries }: { entries: number }) => json(entries),
        late: async (_: unknown, { entries }: { entries: number }) => ({ deep: json(entries) }),
        rows: (_: unknown, { count }: { count: number }) =>
          Array.from({ length: count }, async () => ({ text: 'row' })),
      },
    },
  }),
});

describe('The work of an operation', () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await openTestGateway([sized]);
  });
  after(() => gateway.close());

  for (const field of ['json', 'late']) {
    it(`counts each entry of JSON: ${field}`, async () => {
      const few = await gateway.ask(`{ ${field}(entries: 1000) }`);
      expect(few.errors).to.equal(undefined);
      // Asked so often, it is planned too.
      for (let i = 0; i < 5; i++) {
        const many = await gateway.ask(`{ ${field}(entries: 30000) }`);
        expect(many.errors?.[0]?.extensions.code).to.equal('GRAPHQL_COST_LIMIT');
      }
    });
  }

  it('counts items of a list that are promises, and answers them', async () => {
    for (let i = 0; i < 5; i++) {
      const { data } = await gateway.ask('{ rows(count: 2) { text } }');
      expect(data).to.deep.equal({ rows: [{ text: 'row' }, { text: 'row' }] });
    }
  });

  it('counts objects of a list before anything below them is resolved', async () => {
    for (let i = 0; i < 5; i++) {
      const { errors } = await gateway.ask('{ rows(count: 13000) { text } }');
      expect(errors?.map(({ extensions }) => extensions.code)).to.deep.equal(['GRAPHQL_COST_LIMIT']);
    }
  });
});
