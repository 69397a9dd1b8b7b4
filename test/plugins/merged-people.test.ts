import { expect } from 'chai';
import fc from 'fast-check';
import type { Caller, Context } from '../../src/context.js';
import type { ConsentStatus } from '../../src/ports/consent.js';
import type { Customers } from '../../src/ports/customers.js';
import type { TestSystem } from '../support/boot.js';
import { bootEvents, contextOf, server, view } from '../support/events.js';
import { runs } from '../support/runs.js';

interface Merging extends Customers {
  merge(
    caller: Caller,
    into: string,
    from: string,
    reason: string,
  ): Promise<{ readonly merge: { readonly id: string } | null }>;
  unmerge(caller: Caller, mergeId: string): Promise<unknown>;
}

describe('a merged person', () => {
  let system: TestSystem;
  let customers: Merging;

  beforeEach(async () => {
    system = await bootEvents({ environment: { RAPPORT_CONSENT_MODE: 'opt-in' } });
    customers = system.port('customers') as Merging;
  });
  afterEach(() => system.close());

  const at = (customerId: string, sessionId = `of ${customerId}`): Context =>
    contextOf(sessionId, { customerId });

  async function identify(...ids: readonly string[]): Promise<void> {
    for (const id of ids) await customers.identify(at(id), { id });
  }

  async function merge(from: string, into: string): Promise<string> {
    system.clock.advance(1_000);
    const { merge: made } = await customers.merge(server, into, from, 'test');
    system.clock.advance(1_000);
    return made!.id;
  }

  async function decide(customerId: string, status: ConsentStatus): Promise<void> {
    system.clock.advance(1_000);
    const shopper = await customers.recognise(at(customerId));
    await system.port('consent').decide(shopper, [{ purpose: 'PERSONALIZATION', status }]);
  }

  async function see(customerId: string, productId: string, sessionId?: string): Promise<void> {
    system.clock.advance(1_000);
    await system
      .port('events')
      .record(at(customerId, sessionId), [view(`${productId} at ${system.clock.nowMs()}`, productId)]);
  }

  async function statusOf(customerId: string): Promise<string> {
    const shopper = await customers.recognise(at(customerId));
    return (await system.port('consent').states(shopper))[0]!.status;
  }

  /** null: not permitted. */
  async function seenBy(customerId: string): Promise<readonly string[] | null> {
    const shopper = await customers.recognise(at(customerId));
    const permit = await system.port('consent').permit(shopper, 'PERSONALIZATION');
    if (permit === null) return null;
    const history = await system.port('events').history(permit, { limit: 100 });
    const totals = await system.port('events').totals(permit, { fromMs: 0 });
    expect(totals[0]?.events ?? 0, 'counted').to.equal(history.length);
    return history.flatMap(({ productIds }) => productIds);
  }

  it('has the history of all, and each has their own again when the merge is undone', async () => {
    await identify('ada', 'ben');
    for (const id of ['ada', 'ben']) await decide(id, 'GRANTED');
    await see('ada', 'a');
    await see('ben', 'b');
    const mergeId = await merge('ada', 'ben');
    await see('ada', 'c', 'a new phone');
    for (const id of ['ada', 'ben']) expect(await seenBy(id), id).to.deep.equal(['c', 'b', 'a']);
    await customers.unmerge(server, mergeId);
    expect(await seenBy('ada')).to.deep.equal(['c', 'a']);
    expect(await seenBy('ben')).to.deep.equal(['b']);
  });

  it('has what was done anonymously before the sign-ins of all', async () => {
    for (const id of ['ada', 'ben']) {
      await system
        .port('consent')
        .decide(await customers.recognise(contextOf(`of ${id}`)), [
          { purpose: 'PERSONALIZATION', status: 'GRANTED' },
        ]);
      await system.port('events').record(contextOf(`of ${id}`), [view(`before ${id}`, id)]);
      system.clock.advance(1_000);
    }
    await identify('ada', 'ben');
    for (const id of ['ada', 'ben']) await decide(id, 'GRANTED');
    await merge('ada', 'ben');
    expect(await seenBy('ada')).to.deep.equal(['ben', 'ada']);
  });

  it('is never two people who share a device', async () => {
    await identify('ada', 'ben', 'cleo');
    for (const id of ['ada', 'ben', 'cleo']) await decide(id, 'GRANTED');
    await see('ada', 'a', 'kiosk');
    await customers.identify(at('cleo', 'kiosk'), { id: 'cleo' });
    await see('cleo', 'c', 'kiosk');
    await merge('ada', 'ben');
    expect(await seenBy('cleo')).to.deep.equal(['c']);
    expect(await seenBy('ben')).to.deep.equal(['a']);
  });

  it('refuses what one of them refused, until they grant it after the merge', async () => {
    await identify('ada', 'ben');
    await decide('ada', 'WITHDRAWN');
    await decide('ben', 'GRANTED');
    await see('ben', 'b');
    const mergeId = await merge('ada', 'ben');
    for (const id of ['ada', 'ben']) expect(await statusOf(id), id).to.equal('WITHDRAWN');
    expect(await seenBy('ben')).to.equal(null);
    await decide('ben', 'GRANTED');
    expect(await statusOf('ada')).to.equal('GRANTED');
    const shopper = await customers.recognise(at('ada'));
    const history = await system.port('consent').history(shopper);
    expect(history.map(({ customerId, status }) => `${customerId} ${status}`)).to.deep.equal([
      'ada WITHDRAWN',
      'ben GRANTED',
      'ben GRANTED',
    ]);
    await customers.unmerge(server, mergeId);
    expect(await statusOf('ada')).to.equal('WITHDRAWN');
    expect(await statusOf('ben')).to.equal('GRANTED');
  });

  it('refuses in a session that only its id connects to one of them', async () => {
    await identify('ada', 'ben');
    await decide('ada', 'GRANTED');
    await decide('ben', 'DENIED');
    await merge('ada', 'ben');
    const caller: Caller = { ...server, role: 'STOREFRONT', source: 'shop' };
    const stranger = await customers.recognise(contextOf('of ada', { caller }));
    await system.port('consent').decide(stranger, [{ purpose: 'PERSONALIZATION', status: 'GRANTED' }]);
    expect(await system.port('consent').permit(stranger, 'PERSONALIZATION')).to.equal(null);
  });

  it('keeps to a refusal when a grant of another member is imported without a date', async () => {
    await identify('ada', 'ben');
    await decide('ada', 'DENIED');
    await merge('ada', 'ben');
    await system
      .port('consent')
      .importDecisions(contextOf('import'), [
        { customerId: 'ben', purpose: 'PERSONALIZATION', status: 'GRANTED' },
      ]);
    expect(await statusOf('ben')).to.equal('DENIED');
  });

  it('teaches nothing that one of them refused', async () => {
    await identify('ada', 'ben');
    await see('ada', 'a');
    await system
      .port('consent')
      .decide(await customers.recognise(at('ben')), [{ purpose: 'ANALYTICS', status: 'DENIED' }]);
    const remaining = async () =>
      (await system.port('consent').remaining([{ sessionId: 'of ada', customerId: 'ada' }]))[0]!.learn;
    expect(await remaining()).to.equal(true);
    const mergeId = await merge('ada', 'ben');
    expect(await remaining()).to.equal(false);
    await customers.unmerge(server, mergeId);
    expect(await remaining()).to.equal(true);
  });

  type Command =
    | { readonly do: 'merge'; readonly from: number; readonly into: number }
    | { readonly do: 'unmerge'; readonly at: number }
    | { readonly do: 'see'; readonly who: number }
    | { readonly do: 'decide'; readonly who: number; readonly status: ConsentStatus };

  const count = 4;
  const who = fc.nat({ max: count - 1 });
  const command: fc.Arbitrary<Command> = fc.oneof(
    fc.record({ do: fc.constant('merge' as const), from: who, into: who }),
    fc.record({ do: fc.constant('unmerge' as const), at: fc.nat({ max: 3 }) }),
    fc.record({ do: fc.constant('see' as const), who }),
    fc.record({
      do: fc.constant('decide' as const),
      who,
      status: fc.constantFrom<ConsentStatus>('GRANTED', 'GRANTED', 'DENIED', 'WITHDRAWN'),
    }),
  );

  /** The same people by lists alone: all that was ever said, and the merges that hold now. */
  class Reference {
    time = 0;
    readonly links: { id: string; from: number; into: number; time: number }[] = [];
    readonly decisions: { who: number; status: ConsentStatus; time: number }[] = [];
    readonly events: { who: number; name: string; permitted: boolean }[] = [];

    /** Those whom links up to a time connect to one. */
    connected(one: number, untilTime = Number.POSITIVE_INFINITY): Set<number> {
      const found = new Set([one]);
      for (let before = 0; before < found.size; ) {
        before = found.size;
        for (const { from, into, time } of this.links) {
          if (time > untilTime || (!found.has(from) && !found.has(into))) continue;
          found.add(from).add(into);
        }
      }
      return found;
    }

    joined(one: number, other: number): number {
      const times = [0, ...this.links.map(({ time }) => time)].sort((a, b) => a - b);
      return times.find((time) => this.connected(one, time).has(other))!;
    }

    status(one: number): string {
      const people = this.connected(one);
      const latest = [...people].flatMap((each) =>
        this.decisions.filter((said) => said.who === each).slice(-1),
      );
      const left = latest.filter(
        (said) =>
          !latest.some((other) => other.time > said.time && other.time > this.joined(other.who, said.who)),
      );
      const refused = left.filter(({ status }) => status !== 'GRANTED').sort((a, b) => b.time - a.time);
      return refused[0]?.status ?? left[0]?.status ?? 'UNSET';
    }

    seen(one: number): readonly string[] | null {
      if (this.status(one) !== 'GRANTED') return null;
      const people = this.connected(one);
      return this.events
        .filter((event) => event.permitted && people.has(event.who))
        .map(({ name }) => name)
        .reverse();
    }
  }

  it('is as a plain reference says, whatever happens in whatever order', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(command, { maxLength: 14 }), async (commands) => {
        const ids = Array.from({ length: count }, (_, i) => `r${run}-${i}`);
        run++;
        const reference = new Reference();
        await identify(...ids);
        for (const [n, one] of commands.entries()) {
          reference.time++;
          if (one.do === 'merge') {
            if (one.from === one.into) continue;
            const id = await merge(ids[one.from]!, ids[one.into]!);
            if (!reference.links.some((link) => link.id === id))
              reference.links.push({ id, from: one.from, into: one.into, time: reference.time });
          } else if (one.do === 'unmerge') {
            const link = reference.links[one.at];
            if (link === undefined) continue;
            system.clock.advance(1_000);
            await customers.unmerge(server, link.id);
            reference.links.splice(one.at, 1);
          } else if (one.do === 'see') {
            const name = `p${n}`;
            reference.events.push({
              who: one.who,
              name,
              permitted: reference.status(one.who) === 'GRANTED',
            });
            await see(ids[one.who]!, name);
          } else {
            reference.decisions.push({ who: one.who, status: one.status, time: reference.time });
            await decide(ids[one.who]!, one.status);
          }
          for (const [i, id] of ids.entries()) {
            expect(await statusOf(id), `${id} after ${n + 1}`).to.equal(reference.status(i));
            expect(await seenBy(id), `${id} after ${n + 1}`).to.deep.equal(reference.seen(i));
          }
        }
      }),
      { numRuns: Number(process.env.MERGE_RUNS ?? runs(500)) },
    );
  });
});
