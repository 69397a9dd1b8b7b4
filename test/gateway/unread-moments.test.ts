import { expect } from 'chai';
import { plugins } from '../../plugins/index.js';
import { openTestGateway, type TestGateway } from '../support/gateway.js';

describe('A moment in a list that cannot be read', () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await openTestGateway(plugins);
  });
  after(() => gateway.close());

  const errors = 'userErrors { code message path }';
  const context = { channel: 'WEB', sessionId: 's-1' };
  const eventsOf = (call: number, at: unknown) =>
    Array.from({ length: 2_500 }, (_, i) => ({
      messageId: `${call}-${i}`,
      type: 'CUSTOM',
      at: i === 7 ? at : '2026-03-01T12:00:00Z',
    }));
  const record = `mutation ($context: ShopperContext!, $events: [EventInput!]!) {
    recordEvents(context: $context, events: $events) { accepted rejected ${errors} }
  }`;

  it('rejects one event among 2,500, the first time and when the operation is planned', async () => {
    for (const [call, at] of ['yesterday', '2026-13-45T00:00:00Z', 12, {}, 'later'].entries()) {
      const answer = await gateway.ask(record, { variables: { context, events: eventsOf(call, at) } });
      expect(answer.errors, answer.text.slice(0, 300)).to.equal(undefined);
      expect(answer.at('recordEvents.accepted')).to.equal(2_499);
      expect(answer.at('recordEvents.rejected')).to.equal(1);
      expect(answer.at('recordEvents.userErrors.0.path')).to.deep.equal(['events', '7', 'at']);
      expect(answer.at('recordEvents.userErrors.0.code')).to.equal('EVENTS_AT_INVALID');
      if (typeof at === 'string')
        expect(answer.at('recordEvents.userErrors.0.message'), 'the value received').to.include(`"${at}"`);
    }
  });

  it('rejects each event with a value of another type, and names the field and the value', async () => {
    const good = {
      messageId: 'good',
      type: 'PRODUCT_VIEWED',
      productIds: ['p-1'],
      at: '2026-03-01T12:00:00Z',
    };
    const faults: readonly (readonly [item: unknown, path: readonly string[], message: string])[] = [
      [{ ...good, type: 'PRODUCT_SEEN' }, ['type'], '"PRODUCT_SEEN"'],
      [{ ...good, messageId: 7, value: 'many' }, ['value'], '"many"'],
      [{ ...good, productIds: [{ id: 'p-1' }] }, ['productIds', '0'], 'an object'],
      [{ ...good, quantity: [1.5] }, ['quantity'], '[1.5]'],
      [{ ...good, messageId: undefined }, ['messageId'], 'missing'],
      [
        { ...good, productIds: undefined, lines: [{ productId: 'p-1', quantity: '2' }] },
        ['lines', '0', 'quantity'],
        '"2"',
      ],
      [{ ...good, position: 'first', at: 'soon' }, ['at'], '"soon"'],
      [null, [], 'an event is an object'],
      ['view', [], 'an event is an object'],
    ];
    for (let call = 0; call < 3; call++) {
      const answer = await gateway.ask(record, {
        variables: {
          context,
          events: [...faults.map(([item]) => item), { ...good, messageId: `good-${call}` }],
        },
      });
      expect(answer.errors, answer.text.slice(0, 300)).to.equal(undefined);
      expect(answer.at('recordEvents')).to.deep.include({ accepted: 1, rejected: faults.length });
      const found = answer.at('recordEvents.userErrors') as { path: string[]; message: string }[];
      for (const [i, [, path, message]] of faults.entries()) {
        expect(found[i]!.path).to.deep.equal(['events', String(i), ...path]);
        expect(found[i]!.message).to.include(message);
      }
    }
  });

  const price = (validFrom: string) => ({ amount: '2', currency: 'EUR', validFrom });
  const good = '2026-03-01T12:00:00Z';
  const writes: readonly {
    readonly field: string;
    readonly query: string;
    readonly variables: Readonly<Record<string, unknown>>;
    readonly done: string;
    readonly path: readonly string[];
  }[] = [
    {
      field: 'saveProducts',
      query: `mutation ($products: [ProductInput!]!) { saveProducts(products: $products) { saved ${errors} } }`,
      variables: {
        products: [
          { id: 'a', title: 'A', prices: [price(good), price('soon')] },
          { id: 'b', title: 'B', prices: [price(good)] },
        ],
      },
      done: 'saved',
      path: ['products', '0', 'prices', '1', 'validFrom'],
    },
    {
      field: 'updateProducts',
      query: `mutation ($products: [ProductPatchInput!]!) { updateProducts(products: $products) { saved ${errors} } }`,
      variables: {
        products: [
          { id: 'b', title: 'B 2' },
          { id: 'b', createdAt: 'soon' },
        ],
      },
      done: 'saved',
      path: ['products', '1', 'createdAt'],
    },
    {
      field: 'setPrices',
      query: `mutation ($entries: [PriceEntryInput!]!) { setPrices(entries: $entries) { set ${errors} } }`,
      variables: {
        entries: [
          { productId: 'b', ...price('soon') },
          { productId: 'b', ...price(good) },
        ],
      },
      done: 'set',
      path: ['entries', '0', 'validFrom'],
    },
    {
      field: 'importConsents',
      query: `mutation ($entries: [ConsentImportInput!]!) { importConsents(entries: $entries) { imported ${errors} } }`,
      variables: {
        entries: ['soon', '2026-01-01T12:00:00Z'].map((decidedAt, i) => ({
          customerId: `c-${i}`,
          purpose: 'ANALYTICS',
          status: 'DENIED',
          decidedAt,
        })),
      },
      done: 'imported',
      path: ['entries', '0', 'decidedAt'],
    },
  ];
  for (const { field, query, variables, done, path } of writes) {
    it(`rejects one item of ${field} and names the value`, async () => {
      const answer = await gateway.ask(query, { role: 'SERVER', variables });
      expect(answer.errors, answer.text.slice(0, 300)).to.equal(undefined);
      expect(answer.at(`${field}.${done}`), answer.text).to.equal(1);
      expect(answer.at(`${field}.userErrors.0.path`)).to.deep.equal(path);
      expect(answer.at(`${field}.userErrors.0.message`)).to.include('"soon"');
    });
  }

  it('refuses an expiry of consent, and grants nothing', async () => {
    const answer = await gateway.ask(
      `mutation ($context: ShopperContext!, $decisions: [ConsentInput!]!) {
        setConsent(context: $context, decisions: $decisions) { consents { status } ${errors} }
      }`,
      {
        variables: {
          context,
          decisions: [{ purpose: 'PERSONALIZATION', status: 'GRANTED', expiresAt: 'soon' }],
        },
      },
    );
    expect(answer.at('setConsent.userErrors.0.path')).to.deep.equal(['decisions', '0', 'expiresAt']);
    expect(answer.at('setConsent.userErrors.0.message')).to.include('"soon"');
    expect(answer.at('setConsent.consents.0.status')).to.equal(null);
  });

  it('refuses the whole request where the moment is of the request', async () => {
    const query = `mutation ($context: ShopperContext!, $events: [EventInput!]!, $sentAt: DateTime) {
      recordEvents(context: $context, events: $events, sentAt: $sentAt) { accepted }
    }`;
    const events = [{ messageId: 'sent', type: 'CUSTOM' }];
    const { errors: refused } = await gateway.ask(query, {
      variables: { context, events, sentAt: 'yesterday' },
    });
    expect(refused?.[0]?.message).to.match(/RFC 3339.*not "yesterday"/);
  });
});
