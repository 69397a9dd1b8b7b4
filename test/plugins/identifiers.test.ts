import { createHash } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import { customers as customersPlugin } from '../../plugins/customers/plugin.js';
import { queue } from '../../plugins/queue/plugin.js';
import { store } from '../../plugins/store/plugin.js';
import type { Caller } from '../../src/context.js';
import type { IdentifierType } from '../../src/ports/customers.js';
import { bootPeople, type People } from '../support/people.js';
import { runs } from '../support/runs.js';

const server: Partial<Caller> = { role: 'SERVER', source: 'crm' };
const result = 'identifier { type value customerId source } userErrors { code message path }';
const linking = `mutation ($customerId: ID!, $identifier: IdentifierInput!) { linkIdentifier(customerId: $customerId, identifier: $identifier) { ${result} } }`;
const unlinking = linking.replaceAll('linkIdentifier', 'unlinkIdentifier');
const reading =
  '{ customer(id: "ID") { identifiers { type value customerId } merges { reason evidence { type value } } } }';

interface Linked {
  readonly identifier: { readonly type: string; readonly value: string } | null;
  readonly userErrors: readonly { readonly code: string; readonly message: string }[];
}

describe('identifiers of customers', () => {
  let people: People;
  afterEach(() => people.close());

  async function open(environment: Record<string, string> = {}): Promise<void> {
    people = await bootPeople([store, queue, customersPlugin], { environment });
  }

  async function known(...ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      await people.port('customers').identify(people.context({ sessionId: `of ${id}` }, server), { id });
      people.clock.advance(1_000);
    }
  }

  async function link(
    customerId: string,
    type: IdentifierType,
    value: string,
    query = linking,
  ): Promise<Linked> {
    const { codes, at } = await people.ask(query, server, { customerId, identifier: { type, value } });
    expect(codes).to.deep.equal([]);
    return at(query === linking ? 'linkIdentifier' : 'unlinkIdentifier') as Linked;
  }
  const unlink = (customerId: string, type: IdentifierType, value: string) =>
    link(customerId, type, value, unlinking);
  const codesOf = ({ userErrors }: Linked) => userErrors.map(({ code }) => code);
  const read = async (id: string) => (await people.ask(reading.replace('ID', id), server)).at('customer');
  const found = async (type: IdentifierType, value: string) =>
    (await people.port('customers').peopleWith({ type, value })).map(({ id }) => id);
  const membersOf = async (id: string) => (await people.port('customers').personOf(id)).members;

  it('are equal in every way of writing them', async () => {
    await open();
    await known('ada');
    const ways: readonly [IdentifierType, string, string, ...string[]][] = [
      ['EMAIL', 'ada@example.org', ' Ada@Example.ORG '],
      ['PHONE', '+41446681800', '+41 44 668 18 00', '+41 (0)44 668-18-00'],
      ['LOYALTY_CARD', 'AB1234', 'ab 12-34'],
      ['EXTERNAL', 'shopify:17', ' shopify:17'],
      ['DEVICE', 'tablet 1', 'tablet 1 '],
    ];
    for (const [type, value, ...others] of ways) {
      for (const other of others) {
        expect(await link('ada', type, other), other).to.deep.equal({
          identifier: { type, value, customerId: 'ada', source: 'crm' },
          userErrors: [],
        });
        expect(await found(type, value)).to.deep.equal(['ada']);
      }
    }
    expect(await read('ada')).to.deep.nested.include({
      identifiers: [
        { type: 'CUSTOMER_ID', value: 'ada', customerId: 'ada' },
        { type: 'LOYALTY_CARD', value: 'AB1234', customerId: 'ada' },
        { type: 'EMAIL', value: 'ada@example.org', customerId: 'ada' },
        { type: 'PHONE', value: '+41446681800', customerId: 'ada' },
        { type: 'EXTERNAL', value: 'shopify:17', customerId: 'ada' },
        { type: 'DEVICE', value: 'tablet 1', customerId: 'ada' },
      ],
    });
    expect(await unlink('ada', 'PHONE', '+41 44 668 18 00')).to.deep.include({ userErrors: [] });
    expect(codesOf(await unlink('ada', 'PHONE', '+41446681800'))).to.deep.equal([
      'CUSTOMERS_IDENTIFIER_UNKNOWN',
    ]);
    expect(await found('PHONE', '+41446681800')).to.deep.equal([]);
  });

  it('are stored without the address if the shop has a salt, and found by address and digest', async () => {
    await open({ RAPPORT_CUSTOMERS_IDENTIFIER_SALT: 'a secret of the shop' });
    await known('ada');
    const { identifier } = await link('ada', 'EMAIL', 'ada@example.org');
    expect(identifier!.value).to.match(/^[0-9a-f]{64}$/);
    const digest = createHash('sha256').update('ada@example.org').digest('hex');
    expect(identifier!.value).not.to.equal(digest);
    expect((await link('ada', 'EMAIL', digest.toUpperCase())).identifier!.value).to.equal(identifier!.value);
    expect(await found('EMAIL', 'ADA@example.org')).to.deep.equal(['ada']);
    expect(await found('EMAIL', digest)).to.deep.equal(['ada']);
  });

  it('are refused by name if they are malformed or stand for nobody', async () => {
    await open({ RAPPORT_CUSTOMERS_IDENTIFIERS: '{"EMAIL":{"blockedValues":["Shop@Example.org"]}}' });
    await known('ada');
    const refused: readonly [IdentifierType, string, string][] = [
      ['EMAIL', 'ada', 'INVALID'],
      ['EMAIL', 'shop@example.ORG', 'BLOCKED'],
      ['PHONE', '044 668 18 00', 'INVALID'],
      ['LOYALTY_CARD', ' - ', 'INVALID'],
      ['LOYALTY_CARD', 'null', 'BLOCKED'],
      ['DEVICE', '00000000-0000-0000-0000-000000000000', 'BLOCKED'],
      ['DEVICE', 'x'.repeat(257), 'INVALID'],
      ['DEVICE', 'a\nb', 'INVALID'],
      ['EXTERNAL', '17', 'INVALID'],
      ['CUSTOMER_ID', 'ada', 'INVALID'],
    ];
    for (const [type, value, code] of refused)
      expect(codesOf(await link('ada', type, value)), value).to.deep.equal([`CUSTOMERS_IDENTIFIER_${code}`]);
    expect(codesOf(await link('ben', 'EMAIL', 'a@example.org'))).to.deep.equal([
      'CUSTOMERS_CUSTOMER_UNKNOWN',
    ]);
    expect((await read('ada')) as object)
      .to.have.property('identifiers')
      .with.length(1);
  });

  it('never merge people who share one, however many', async () => {
    await open({ RAPPORT_CUSTOMERS_IDENTIFIERS: '{"CUSTOMER_ID":{"maxPerPerson":50}}' });
    await known('ada', 'ben', 'cleo');
    for (const id of ['ada', 'ben', 'cleo'])
      for (const type of ['DEVICE', 'VOICE_USER'] as const)
        expect(codesOf(await link(id, type, 'kitchen'))).to.deep.equal([]);
    expect(await membersOf('ada')).to.deep.equal(['ada']);
    expect((await found('DEVICE', 'kitchen')).sort()).to.deep.equal(['ada', 'ben', 'cleo']);
  });

  it('report a conflict where one belongs to another customer, and change nothing', async () => {
    await open();
    await known('ada', 'ben');
    await link('ada', 'LOYALTY_CARD', '1234');
    const refused = await link('ben', 'LOYALTY_CARD', '12 34');
    expect(codesOf(refused)).to.deep.equal(['CUSTOMERS_IDENTIFIER_CONFLICT']);
    expect(refused.userErrors[0]!.message)
      .to.include('"ada"')
      .and.include('more than 1 of the type CUSTOMER_ID');
    expect(await found('LOYALTY_CARD', '1234')).to.deep.equal(['ada']);
    expect(await membersOf('ben')).to.deep.equal(['ben']);
  });

  it('merge customers who have one in common where the shop allows several customer ids', async () => {
    await open({
      RAPPORT_CUSTOMERS_IDENTIFIERS: '{"CUSTOMER_ID":{"maxPerPerson":2},"CRM_ID":{"maxPerPerson":1}}',
    });
    await known('ada', 'ben', 'cleo', 'dan', 'eve');
    await link('ben', 'LOYALTY_CARD', '1234');
    expect(codesOf(await link('ada', 'LOYALTY_CARD', '1234'))).to.deep.equal([]);
    expect(await people.port('customers').personOf('ben')).to.deep.include({
      id: 'ada',
      members: ['ada', 'ben'],
    });
    expect(await read('ben')).to.deep.nested.include({
      'merges[0]': { reason: 'the same LOYALTY_CARD', evidence: { type: 'LOYALTY_CARD', value: '1234' } },
    });
    // A third customer would be too many.
    expect(codesOf(await link('cleo', 'LOYALTY_CARD', '1234'))).to.deep.equal([
      'CUSTOMERS_IDENTIFIER_CONFLICT',
    ]);
    // Two CRM ids are more important than one e-mail address.
    await link('dan', 'CRM_ID', '1');
    await link('eve', 'CRM_ID', '2');
    await link('dan', 'EMAIL', 'office@example.org');
    expect(codesOf(await link('eve', 'EMAIL', 'office@example.org'))).to.deep.equal([
      'CUSTOMERS_IDENTIFIER_CONFLICT',
    ]);
    expect(await membersOf('eve')).to.deep.equal(['eve']);
  });

  it('are at most as many as their policy allows, and a merge by hand reports what is too much', async () => {
    await open({ RAPPORT_CUSTOMERS_IDENTIFIERS: '{"CRM_ID":{"maxPerPerson":1}}' });
    await known('ada', 'ben');
    for (const id of ['ada', 'ben']) {
      expect(codesOf(await link(id, 'CRM_ID', `${id}-1`))).to.deep.equal([]);
      expect(codesOf(await link(id, 'CRM_ID', `${id}-1`)), 'again').to.deep.equal([]);
      expect(codesOf(await link(id, 'CRM_ID', `${id}-2`))).to.deep.equal(['CUSTOMERS_IDENTIFIER_TOO_MANY']);
    }
    const merged = await people.ask(
      'mutation { mergeCustomers(into: "ada", from: "ben", reason: "r") { merge { id } userErrors { code } } }',
      server,
    );
    expect(merged.at('mergeCustomers.merge')).not.to.equal(null);
    expect(merged.at('mergeCustomers.userErrors')).to.deep.equal([
      { code: 'CUSTOMERS_IDENTIFIERS_CONFLICT' },
    ]);
    expect(((await read('ben')) as { identifiers: unknown[] }).identifiers).to.have.length(4);
  });

  it('are changed by a server alone, and read by their customer', async () => {
    await open();
    await known('ada');
    await link('ada', 'CRM_ID', '1');
    const variables = { customerId: 'ada', identifier: { type: 'CRM_ID', value: '2' } };
    for (const query of [linking, unlinking])
      expect((await people.ask(query, { customerId: 'ada' }, variables)).codes).to.deep.equal([
        'AUTHENTICATION_ROLE',
      ]);
    const own = await people.ask(reading.replace('ID', 'ada'), { customerId: 'ada' });
    expect(own.at('customer.identifiers')).to.have.length(2);
    expect((await people.ask(reading.replace('ID', 'ada'), { customerId: 'ben' })).at('customer')).to.equal(
      null,
    );
  });

  for (const setting of ['{', '[]', '{"MAIL":{}}', '{"EMAIL":{"max":1}}', '{"EMAIL":{"maxPerPerson":0}}']) {
    it(`do not start with the policies ${setting}`, async () => {
      await open();
      const error = await bootPeople([store, queue, customersPlugin], {
        environment: { RAPPORT_CUSTOMERS_IDENTIFIERS: setting },
      }).catch((thrown: unknown) => thrown as Error);
      expect((error as Error).message).to.include('RAPPORT_CUSTOMERS_IDENTIFIERS');
    });
  }

  it('give the same people in any order of linking, and after retries', async () => {
    await open({
      RAPPORT_CUSTOMERS_IDENTIFIERS:
        '{"CUSTOMER_ID":{"maxPerPerson":50},"CRM_ID":{"maxPerPerson":50},"LOYALTY_CARD":{"maxPerPerson":50},"DEVICE":{"maxPerPerson":50}}',
    });
    const count = 5;
    let run = 0;
    const edge = fc.record({
      who: fc.nat({ max: count - 1 }),
      type: fc.constantFrom<IdentifierType>('CRM_ID', 'LOYALTY_CARD', 'DEVICE'),
      value: fc.nat({ max: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(edge, { maxLength: 10 }),
        fc.infiniteStream(fc.nat()),
        async (edges, chance) => {
          const found: string[] = [];
          const orders = [
            edges,
            [...edges, ...edges].sort(() => ((chance.next().value as number) % 2) * 2 - 1),
          ];
          for (const [turn, links] of orders.entries()) {
            const prefix = `${run++}-`;
            const ids = Array.from({ length: count }, (_, i) => `${prefix}${i}`);
            await known(...ids);
            for (const { who, type, value } of links)
              expect(codesOf(await link(ids[who]!, type, `${prefix}${value}`))).to.deep.equal([]);
            const persons = await Promise.all(ids.map((id) => people.port('customers').personOf(id)));
            found.push(persons.map(({ members }) => ids.indexOf(members[0]!)).join());
            if (turn > 0) continue;
            const groups = ids.map((_, i) => i);
            for (const a of edges) {
              for (const b of edges) {
                if (a.type === 'DEVICE' || a.type !== b.type || a.value !== b.value) continue;
                const [to, from] = [groups[a.who]!, groups[b.who]!];
                for (let i = 0; i < count; i++) if (groups[i] === from) groups[i] = to;
              }
            }
            expect(found[0]).to.equal(groups.map((group) => groups.indexOf(group)).join());
          }
          expect(found[1]).to.equal(found[0]);
        },
      ),
      { numRuns: Number(process.env.MERGE_RUNS ?? runs(250)) },
    );
  });
});
