import { expect } from 'chai';
import fc from 'fast-check';
import { customers as customersPlugin } from '../../plugins/customers/plugin.js';
import { queue } from '../../plugins/queue/plugin.js';
import { store } from '../../plugins/store/plugin.js';
import type { Caller } from '../../src/context.js';
import type { Customers } from '../../src/ports/customers.js';
import { bootPeople, type People } from '../support/people.js';
import { runs } from '../support/runs.js';

const server: Partial<Caller> = { role: 'SERVER', source: 'crm' };
const merging = `mutation ($into: ID!, $from: ID!, $reason: String!) {
  mergeCustomers(into: $into, from: $from, reason: $reason) {
    merge { id into from reason source at undoneAt undoneBy }
    customer { id traits }
    userErrors { code message path }
  }
}`;
const unmerging = `mutation ($mergeId: ID!) {
  unmergeCustomers(mergeId: $mergeId) { merge { id undoneAt undoneBy } customers { id traits } userErrors { code message } }
}`;
const profile = `query ($id: ID!) {
  customer(id: $id) { id email firstName traits createdAt updatedAt traitValues { name value source at } }
}`;

describe('merges of customers', () => {
  let people: People;
  let customers: Customers;

  beforeEach(async () => {
    people = await bootPeople([store, queue, customersPlugin]);
    customers = people.port('customers');
  });
  afterEach(() => people.close());

  async function known(...ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      await customers.identify(people.context({ sessionId: `session of ${id}` }, server), {
        id,
        email: `${id}@example.org`,
        traits: { [`trait of ${id}`]: id, last: id },
      });
      people.clock.advance(1_000);
    }
  }

  async function merge(from: string, into: string, caller = server): Promise<string> {
    const asked = await people.ask(merging, caller, { into, from, reason: 'same card' });
    expect(asked.codes).to.deep.equal([]);
    expect(asked.at('mergeCustomers.userErrors')).to.deep.equal([]);
    people.clock.advance(1_000);
    return asked.at('mergeCustomers.merge.id') as string;
  }

  const unmerge = async (mergeId: string) =>
    (await people.ask(unmerging, server, { mergeId })).at('unmergeCustomers');
  const person = async (id: string) => {
    const { id: surviving, members } = await customers.personOf(id);
    return [surviving, ...members];
  };
  const profileOf = async (id: string, caller = server) =>
    (await people.ask(profile, caller, { id })).at('customer');
  const errorsOf = async (into: string, from: string, reason = 'same card') => {
    const asked = await people.ask(merging, server, { into, from, reason });
    return (asked.at('mergeCustomers.userErrors') as { code: string }[]).map(({ code }) => code);
  };

  it('make one person of two, with the newest of each value, and say who, when and why', async () => {
    await known('ada', 'ben');
    const mergeId = await merge('ada', 'ben');
    expect(await person('ada')).to.deep.equal(['ben', 'ada', 'ben']);
    expect(await person('ben')).to.deep.equal(['ben', 'ada', 'ben']);
    for (const id of ['ada', 'ben']) {
      expect(await profileOf(id)).to.deep.include({
        id,
        email: 'ben@example.org',
        traits: { 'trait of ada': 'ada', 'trait of ben': 'ben', last: 'ben' },
      });
    }
    const asked = await people.ask(
      '{ customer(id: "ada") { merges { id into from reason source at undoneAt } } }',
      server,
    );
    expect(asked.at('customer.merges')).to.deep.equal([
      {
        id: mergeId,
        into: 'ben',
        from: 'ada',
        reason: 'same card',
        source: 'crm',
        at: new Date(people.clock.nowMs() - 1_000).toISOString(),
        undoneAt: null,
      },
    ]);
    await people.port('queue').idle();
  });

  it('bring the sessions of both together, the newest first', async () => {
    await known('ada', 'ben');
    await merge('ada', 'ben');
    const shopper = await customers.shopper({ customerId: 'ada' });
    expect(shopper.customerId).to.equal('ada');
    expect(shopper.sessionIds.slice(1)).to.deep.equal(['session of ben', 'session of ada']);
    const unmerged = await customers.shopper({ customerId: 'cleo' });
    expect(unmerged).not.to.have.property('person');
  });

  it('are undone without a trace in either profile', async () => {
    await known('ada', 'ben');
    const before = [await profileOf('ada'), await profileOf('ben')];
    const mergeId = await merge('ada', 'ben');
    expect(await unmerge(mergeId)).to.deep.include({ userErrors: [] });
    expect([await profileOf('ada'), await profileOf('ben')]).to.deep.equal(before);
    expect(await person('ada')).to.deep.equal(['ada', 'ada']);
    expect(await unmerge(mergeId), 'once more').to.deep.include({ userErrors: [] });
    const again = await merge('ada', 'ben');
    expect(again).not.to.equal(mergeId);
    const asked = await people.ask('{ customer(id: "ben") { merges { id undoneBy } } }', server);
    expect(asked.at('customer.merges')).to.deep.equal([
      { id: again, undoneBy: null },
      { id: mergeId, undoneBy: 'crm' },
    ]);
  });

  it('leave what one of them said meanwhile with that one', async () => {
    await known('ada', 'ben');
    const mergeId = await merge('ada', 'ben');
    await customers.identify(people.context({ sessionId: 's' }, server), {
      id: 'ada',
      traits: { last: 'new' },
    });
    expect(await profileOf('ben')).to.deep.nested.include({ 'traits.last': 'new' });
    await unmerge(mergeId);
    expect(await profileOf('ben')).to.deep.nested.include({ 'traits.last': 'ben' });
    expect(await profileOf('ada')).to.deep.nested.include({ 'traits.last': 'new' });
  });

  it('form chains that can be undone in the middle', async () => {
    await known('a', 'b', 'c', 'd');
    await merge('a', 'b');
    const middle = await merge('b', 'c');
    await merge('c', 'd');
    expect(await person('a')).to.deep.equal(['d', 'a', 'b', 'c', 'd']);
    await unmerge(middle);
    expect(await person('a')).to.deep.equal(['b', 'a', 'b']);
    expect(await person('d')).to.deep.equal(['d', 'c', 'd']);
  });

  it('may go in a circle, and name the merges that still connect two people', async () => {
    await known('a', 'b');
    const first = await merge('a', 'b');
    const second = await merge('b', 'a');
    expect(second).not.to.equal(first);
    expect(await person('b')).to.deep.equal(['a', 'a', 'b']);
    expect(await unmerge(first)).to.nested.include({ 'userErrors[0].code': 'CUSTOMERS_STILL_MERGED' });
    await unmerge(second);
    expect(await person('b')).to.deep.equal(['b', 'b']);
  });

  it('are refused for oneself, unknown customers, placeholders and without a reason', async () => {
    await known('ada', 'ben');
    expect(await errorsOf('ada', 'ada')).to.deep.equal(['CUSTOMERS_MERGE_OF_ITSELF']);
    expect(await errorsOf('ada', 'nobody')).to.deep.equal(['CUSTOMERS_CUSTOMER_UNKNOWN']);
    expect(await errorsOf('null', 'x\u0000')).to.deep.equal([
      'CUSTOMERS_ID_RESERVED',
      'CUSTOMERS_ID_INVALID',
    ]);
    for (const reason of ['', ' ', 'x'.repeat(1_001), 'a\nb'])
      expect(await errorsOf('ada', 'ben', reason)).to.deep.equal(['CUSTOMERS_REASON_INVALID']);
    expect(await unmerge('nothing')).to.nested.include({ 'userErrors[0].code': 'CUSTOMERS_MERGE_UNKNOWN' });
    expect(await person('ada')).to.deep.equal(['ada', 'ada']);
  });

  it('are of a server alone, and either id is then the customer’s own by token', async () => {
    await known('ada', 'ben', 'cleo');
    for (const caller of [{}, { customerId: 'ada' }, { role: 'MERCHANDISER' as const }]) {
      const asked = await people.ask(merging, caller, { into: 'ben', from: 'ada', reason: 'mine' });
      expect(asked.at('mergeCustomers') ?? null).to.equal(null);
      expect(asked.codes).to.have.length(1);
    }
    expect((await people.ask(profile, { customerId: 'ada' }, { id: 'ben' })).codes).to.deep.equal([
      'AUTHENTICATION_ROLE',
    ]);
    await merge('ada', 'ben');
    expect(await profileOf('ben', { customerId: 'ada' })).to.include({ id: 'ben' });
    expect((await people.ask(profile, { customerId: 'ada' }, { id: 'cleo' })).codes).to.deep.equal([
      'AUTHENTICATION_ROLE',
    ]);
  });

  it('hold at most 50 customers together', async () => {
    const ids = Array.from({ length: 51 }, (_, i) => `c${i}`);
    await known(...ids);
    for (const id of ids.slice(1, 50)) await merge(id, 'c0');
    expect((await customers.personOf('c49')).members).to.have.length(50);
    expect(await errorsOf('c50', 'c3')).to.deep.equal(['CUSTOMERS_MERGED_TOO_MANY']);
    expect(await errorsOf('c7', 'c3'), 'of the same person').to.deep.equal([]);
  });

  it('publish facts once each, and are known after a start', async () => {
    const facts: string[] = [];
    for (const type of ['customer.merged', 'customer.unmerged'] as const)
      people
        .port('queue')
        .react('test', type, async (fact) => void facts.push(`${type} ${'from' in fact ? fact.from : ''}`));
    await known('ada', 'ben');
    const mergeId = await merge('ada', 'ben');
    await merge('ada', 'ben');
    await unmerge(mergeId);
    await unmerge(mergeId);
    await people.port('queue').idle();
    expect(facts.sort()).to.deep.equal(['customer.merged ada', 'customer.unmerged ada']);
  });

  type Step = { readonly from: number; readonly into: number; readonly undo: boolean };

  /** The people by the plainest reading: customers connected by merges that hold. */
  function groupsOf(count: number, held: ReadonlySet<string>): string {
    const groups = Array.from({ length: count }, (_, i) => i);
    for (const link of held) {
      const [from, into] = link.split('>').map(Number) as [number, number];
      const [a, b] = [groups[from]!, groups[into]!];
      for (let i = 0; i < count; i++) if (groups[i] === b) groups[i] = a;
    }
    return groups.map((group) => groups.indexOf(group)).join();
  }

  it('are those of a plain reference, in any order and however often each comes', async () => {
    const count = 6;
    let run = 0;
    const one = fc.nat({ max: count - 1 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ from: one, into: one, undo: fc.boolean() }), { maxLength: 12 }),
        fc.nat(),
        async (steps: readonly Step[], seed) => {
          const prefix = `${run++}-`;
          const plugin = people.port('customers') as Customers & {
            merge(
              caller: Caller,
              into: string,
              from: string,
              reason: string,
            ): Promise<{ merge: { id: string } | null }>;
            unmerge(caller: Caller, mergeId: string): Promise<unknown>;
          };
          const caller = people.context({}, server).caller;
          const ids = Array.from({ length: count }, (_, i) => `${prefix}${i}`);
          await Promise.all(
            ids.map((id) =>
              customers.identify(people.context({ sessionId: id }, server), { id, traits: { [id]: 1 } }),
            ),
          );
          const held = new Map<string, string>();
          for (const { from, into, undo } of steps) {
            const link = `${from}>${into}`;
            if (undo && held.has(link)) {
              await plugin.unmerge(caller, held.get(link)!);
              held.delete(link);
            } else {
              const { merge: made } = await plugin.merge(caller, ids[into]!, ids[from]!, 'test');
              expect(made === null).to.equal(from === into);
              if (made !== null) {
                expect(held.get(link) ?? made.id, 'a repeated merge').to.equal(made.id);
                held.set(link, made.id);
              }
            }
          }
          const expected = groupsOf(count, new Set(held.keys()));
          const found = await Promise.all(ids.map((id) => customers.personOf(id)));
          expect(found.map(({ members }) => ids.indexOf(members[0]!)).join()).to.equal(expected);
          for (const { id, members } of found)
            for (const member of members) expect((await customers.personOf(member)).id).to.equal(id);
          // The same merges in another order, of other customers, give the same people with the same surviving ids.
          const others = ids.map((id) => `${id}'`);
          await Promise.all(
            others.map((id) => customers.identify(people.context({ sessionId: id }, server), { id })),
          );
          const shuffled = [...held.keys()].sort((a, b) => hash(a, seed) - hash(b, seed));
          for (const link of shuffled) {
            const [from, into] = link.split('>').map(Number) as [number, number];
            await plugin.merge(caller, others[into]!, others[from]!, 'test');
          }
          const again = await Promise.all(others.map((id) => customers.personOf(id)));
          expect(again.map(({ id }) => others.indexOf(id))).to.deep.equal(
            found.map(({ id }) => ids.indexOf(id)),
          );
          // Everything of everybody is in exactly one profile.
          const traits = await Promise.all(
            [...new Set(found.map(({ id }) => id))].map(async (id) =>
              Object.keys((await customers.get(id))!.traits),
            ),
          );
          expect(traits.flat().sort()).to.deep.equal([...ids].sort());
          // Undone, each is alone again, with what was theirs.
          for (const mergeId of held.values()) await plugin.unmerge(caller, mergeId);
          for (const id of ids) {
            expect((await customers.personOf(id)).members).to.deep.equal([id]);
            expect((await customers.get(id))!.traits).to.deep.equal({ [id]: 1 });
          }
        },
      ),
      { numRuns: Number(process.env.MERGE_RUNS ?? runs(500)) },
    );
  });
});

function hash(text: string, seed: number): number {
  let value = seed;
  for (const unit of text) value = Math.imul(value ^ unit.charCodeAt(0), 0x9e3779b1) >>> 0;
  return value;
}
