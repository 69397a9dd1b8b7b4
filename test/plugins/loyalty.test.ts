import { expect } from 'chai';
import fc from 'fast-check';
import { customers } from '../../plugins/customers/plugin.js';
import { decide, type EntryDraft } from '../../plugins/loyalty/entry-input.js';
import { createLedger, type Ledger, type StoredEntry } from '../../plugins/loyalty/ledger.js';
import { dayMs, ownerOf } from '../../plugins/loyalty/loyalty.js';
import { loyalty } from '../../plugins/loyalty/plugin.js';
import { queue } from '../../plugins/queue/plugin.js';
import { speech } from '../../plugins/speech/plugin.js';
import { store } from '../../plugins/store/plugin.js';
import type { Caller } from '../../src/context.js';
import { customerName } from '../../src/person-ids.js';
import { loyaltyAccounts } from '../../src/ports/loyalty.js';
import { bootPeople, type People } from '../support/people.js';
import { runs } from '../support/runs.js';

const server: Partial<Caller> = { role: 'SERVER', source: 'shop' };
const accountFields = 'balance pending tier nextTier { name points } expiring { points at }';

describe('loyalty points', () => {
  let people: People;
  beforeEach(async () => {
    people = await bootPeople([store, queue, customers, speech, loyalty], {
      environment: { RAPPORT_LOYALTY_TIERS: '{"GOLD":500,"SILVER":100}', RAPPORT_LOYALTY_EXPIRE_DAYS: '730' },
    });
    for (const id of ['ada', 'ben'])
      await people
        .port('customers')
        .identify(people.context({ sessionId: id, customerId: id }, server), { id });
  });
  afterEach(() => people.close());

  interface Payload {
    readonly recorded: number;
    readonly duplicates: number;
    readonly account: { readonly balance: number; readonly pending: number };
    readonly userErrors: readonly {
      readonly code: string;
      readonly message: string;
      readonly path: string[];
    }[];
  }

  async function send(customerId: string, ...entries: object[]): Promise<Payload> {
    const { at, errors } = await people.ask(
      `mutation ($entries: [LoyaltyEntryInput!]!) { recordLoyalty(customerId: "${customerId}", entries: $entries) {
        recorded duplicates account { balance pending } userErrors { code message path } } }`,
      server,
      { entries },
    );
    expect(errors).to.equal(undefined);
    return at('recordLoyalty') as Payload;
  }

  async function account(customerId: string, fields = accountFields): Promise<Record<string, unknown>> {
    const { at, errors } = await people.ask(
      `{ shopper(context: { channel: WEB }) { loyalty { ${fields} } } }`,
      { customerId },
    );
    expect(errors).to.equal(undefined);
    return at('shopper.loyalty') as Record<string, unknown>;
  }

  const earn = (id: string, points: number, more: object = {}) => ({ id, kind: 'EARN', points, ...more });
  const at = (days: number) => new Date(people.clock.nowMs() + days * dayMs).toISOString();

  it('are earned, held, spent, released, returned and adjusted, and the shopper sees it', async () => {
    const sent = await send(
      'ada',
      earn('e1', 120, { orderId: 'o1' }),
      { id: 'h1', kind: 'HOLD', points: 50, orderId: 'o2' },
      { id: 's1', kind: 'SPEND', points: 30, holdId: 'h1', orderId: 'o2' },
      { id: 'a1', kind: 'ADJUST', points: -10 },
    );
    expect(sent).to.deep.include({ recorded: 4, duplicates: 0, userErrors: [] });
    expect(sent.account).to.deep.equal({ balance: 80, pending: 0 });
    await send('ada', { id: 'h2', kind: 'HOLD', points: 20 });
    expect(await account('ada')).to.deep.include({ balance: 60, pending: 20, tier: 'SILVER' });
    await send('ada', { id: 'r2', kind: 'RELEASE', holdId: 'h2' });
    await send('ada', { id: 't1', kind: 'RETURN', points: 60, orderId: 'o1' });
    expect(await account('ada')).to.deep.include({
      balance: 20,
      pending: 0,
      tier: null,
      nextTier: { name: 'SILVER', points: 40 },
    });
    const { entries } = await account(
      'ada',
      'entries(first: 3) { nodes { id kind points orderId } pageInfo { hasNextPage endCursor } }',
    );
    const { nodes, pageInfo } = entries as {
      nodes: object[];
      pageInfo: { endCursor: string; hasNextPage: boolean };
    };
    expect(nodes).to.deep.equal([
      { id: 't1', kind: 'RETURN', points: 60, orderId: 'o1' },
      { id: 'r2', kind: 'RELEASE', points: 20, orderId: null },
      { id: 'h2', kind: 'HOLD', points: 20, orderId: null },
    ]);
    expect(pageInfo.hasNextPage).to.equal(true);
    const rest = await account('ada', `entries(after: "${pageInfo.endCursor}") { nodes { id kind points } }`);
    expect(rest.entries).to.deep.equal({
      nodes: [
        { id: 'a1', kind: 'ADJUST', points: -10 },
        { id: 'h1:released', kind: 'RELEASE', points: 20 },
        { id: 's1', kind: 'SPEND', points: 30 },
        { id: 'h1', kind: 'HOLD', points: 50 },
        { id: 'e1', kind: 'EARN', points: 120 },
      ],
    });
  });

  it('count once by entry and by order, and refuse what is not there, by name', async () => {
    await send('ada', earn('e1', 100, { orderId: 'o1' }));
    expect(await send('ada', earn('e1', 100, { orderId: 'o1' }))).to.deep.include({
      recorded: 0,
      duplicates: 1,
    });
    expect(await send('ada', earn('other', 100, { orderId: 'o1' }))).to.deep.include({
      recorded: 0,
      duplicates: 1,
    });
    const refused = await send(
      'ada',
      earn('e1', 5),
      { id: 's1', kind: 'SPEND', points: 101 },
      { id: 't1', kind: 'RETURN', points: 101, orderId: 'o1' },
      { id: 'r1', kind: 'RELEASE', holdId: 'none' },
      { id: 's2', kind: 'SPEND', points: 0 },
      { id: 's3', kind: 'SPEND', points: 40 },
    );
    expect(
      refused.userErrors.map(({ path, message }) => `${path.join('.')} ${message}`).sort(),
    ).to.deep.equal([
      'entries.0 entry "e1" is there with other content; give each entry an id of its own',
      'entries.1 SPEND of 101 points, and 100 are available',
      'entries.2 RETURN of 101 points, and 100 are left of order "o1"',
      'entries.3 "none" is not an open hold',
      'entries.4.points must be at least 1 for SPEND, and is 0',
    ]);
    expect(refused).to.deep.include({ recorded: 1, account: { balance: 60, pending: 0 } });
  });

  it('expire to the millisecond, those that expire first are spent first, and holds end by themselves', async () => {
    await send('ada', earn('late', 10, { expiresAt: at(20) }), earn('soon', 10, { expiresAt: at(10) }));
    await send(
      'ada',
      { id: 's', kind: 'SPEND', points: 4 },
      { id: 'h', kind: 'HOLD', points: 6, expiresAt: at(5) },
    );
    expect(await account('ada')).to.deep.include({
      balance: 10,
      pending: 6,
      expiring: [{ points: 10, at: at(20) }],
    });
    people.clock.advance(5 * dayMs);
    expect(await account('ada')).to.deep.include({ balance: 16, pending: 0 });
    people.clock.advance(5 * dayMs - 1);
    expect(await account('ada')).to.deep.include({ balance: 16 });
    people.clock.advance(1);
    expect(await account('ada')).to.deep.include({ balance: 10 });
    const { entries } = await account('ada', 'entries(first: 2) { nodes { id kind points } }');
    expect(entries).to.deep.equal({
      nodes: [
        { id: 'soon:expired', kind: 'EXPIRE', points: 6 },
        { id: 'h:released', kind: 'RELEASE', points: 6 },
      ],
    });
    await send('ada', earn('usual', 10));
    people.clock.advance(730 * dayMs);
    expect(await account('ada')).to.deep.include({ balance: 0 });
  });

  it('are one account while customers are merged, and two with their own entries again', async () => {
    await send('ada', earn('a', 50));
    await send('ben', earn('b', 30));
    const { at: value } = await people.ask(
      'mutation { mergeCustomers(into: "ada", from: "ben", reason: "test") { merge { id } } }',
      server,
    );
    for (const id of ['ada', 'ben']) expect(await account(id)).to.deep.include({ balance: 80 });
    expect(await send('ben', { id: 's', kind: 'SPEND', points: 25 })).to.deep.include({ recorded: 1 });
    await send('ben', earn('b2', 7));
    await people.ask(
      `mutation { unmergeCustomers(mergeId: "${value('mergeCustomers.merge.id')}") { merge { id } } }`,
      server,
    );
    expect(await account('ada')).to.deep.include({ balance: 50 });
    expect(await account('ben')).to.deep.include({ balance: 12 });
    expect(await send('ben', earn('b2', 7))).to.deep.include({ duplicates: 1 });
  });

  it('are never spent twice by requests that arrive at once, merged customers included', async () => {
    await send('ada', earn('a', 50));
    await send('ben', earn('b', 50));
    await people.ask(
      'mutation { mergeCustomers(into: "ada", from: "ben", reason: "test") { merge { id } } }',
      server,
    );
    const results = await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        send(n % 2 === 0 ? 'ada' : 'ben', { id: `s${n}`, kind: 'SPEND', points: 30 }),
      ),
    );
    expect(results.filter(({ recorded }) => recorded === 1)).to.have.length(3);
    expect(await account('ada')).to.deep.include({ balance: 10 });
  });

  it('of one customer are erased, and those of another who was merged with them stay', async () => {
    await send('ada', earn('a', 50));
    const { at: value } = await people.ask(
      'mutation { mergeCustomers(into: "ada", from: "ben", reason: "test") { merge { id } } }',
      server,
    );
    await send('ben', earn('b', 30));
    await people.ask(
      `mutation { unmergeCustomers(mergeId: "${value('mergeCustomers.merge.id')}") { merge { id } } }`,
      server,
    );
    const erasure = { id: 'erasure', atMs: people.clock.nowMs(), names: [customerName('ada')] };
    await people.port('store').people.erase(erasure);
    expect(await account('ben')).to.deep.include({ balance: 30 });
    expect(await send('ben', { id: 's', kind: 'SPEND', points: 20 })).to.deep.include({ recorded: 1 });
    expect(await account('ben')).to.deep.include({ balance: 10 });
    const again = await people.ask(
      'mutation { recordLoyalty(customerId: "ada", entries: [{ id: "x", kind: EARN, points: 1 }]) { recorded } }',
      server,
    );
    expect(again.codes).to.deep.equal(['STORE_PERSON_ERASED']);
  });

  it('are said in the language of the shopper', async () => {
    await send('ada', earn('e', 120, { expiresAt: at(10) }));
    const said = async (locale: string) => {
      const { at: value } = await people.ask(
        `{ shopper(context: { channel: VOICE, locale: "${locale}" }) { loyalty { speech { text ssml reprompt } } } }`,
        { customerId: 'ada' },
      );
      return value('shopper.loyalty.speech') as { text: string; ssml: string; reprompt: string };
    };
    const day = (locale: string) =>
      new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'long', timeZone: 'UTC' }).format(
        people.clock.nowMs() + 10 * dayMs,
      );
    const english = await said('en');
    expect(english.text).to.equal(
      `You have 120 points. 120 of them expire on ${day('en')}. Your tier is SILVER. 380 more points take you to GOLD.`,
    );
    expect(english.ssml).to.match(/^<speak>.*<\/speak>$/s);
    expect(english.reprompt).to.equal('What else can I do for you?');
    expect((await said('de-AT')).text).to.contain(`Davon verfallen 120 am ${day('de-AT')}.`);
    const anonymous = await people.ask('{ shopper(context: { channel: WEB }) { loyalty { balance } } }');
    expect(anonymous.at('shopper.loyalty')).to.equal(null);
  });

  it('refuses tiers that are not JSON, by name, before the start', async () => {
    const error = await bootPeople([store, queue, customers, speech, loyalty], {
      environment: { RAPPORT_LOYALTY_TIERS: 'GOLD=1' },
    }).catch((thrown: unknown) => thrown);
    expect(String(error)).to.contain('RAPPORT_LOYALTY_TIERS').and.contain('{"SILVER":500,"GOLD":2000}');
  });

  describe('a ledger', () => {
    const members = ['ada', 'ben', 'cy'];
    const persons: Readonly<Record<string, readonly (readonly string[])[]>> = {
      none: members.map((id) => [id]),
      two: [['ada', 'ben'], ['cy']],
      all: [members],
    };
    const draft = fc.record(
      {
        id: fc.integer({ min: 0, max: 30 }).map(String),
        kind: fc.constantFrom('EARN', 'EARN', 'SPEND', 'HOLD', 'RELEASE', 'EXPIRE', 'ADJUST', 'RETURN'),
        points: fc.integer({ min: -20, max: 100 }),
        order: fc.option(fc.integer({ min: 0, max: 6 })),
        hold: fc.option(fc.integer({ min: 0, max: 30 })),
        lastsMs: fc.option(fc.integer({ min: 1, max: 400 })),
      },
      { noNullPrototype: true },
    );
    const step = fc.record({
      draft,
      by: fc.constantFrom(...members),
      waitMs: fc.integer({ min: 0, max: 150 }),
      merged: fc.constantFrom('none', 'two', 'all'),
      again: fc.boolean(),
    });

    function draftOf(
      { id, kind, points, order, hold, lastsMs }: typeof draft extends fc.Arbitrary<infer D> ? D : never,
      nowMs: number,
    ) {
      const isCredit = kind === 'EARN' || (kind === 'ADJUST' && points > 0);
      const found: EntryDraft = {
        id,
        kind: kind as EntryDraft['kind'],
        points: kind === 'RELEASE' ? 0 : kind === 'ADJUST' ? points || 1 : Math.max(1, points),
        ...(order !== null && kind !== 'ADJUST' ? { orderId: `o${order}` } : {}),
        ...(hold !== null && (kind === 'RELEASE' || kind === 'SPEND') ? { holdId: String(hold) } : {}),
        ...(lastsMs !== null && (isCredit || kind === 'HOLD') ? { expiresAtMs: nowMs + lastsMs } : {}),
      };
      const isWhole =
        !(found.kind === 'RETURN' && order === null) && !(found.kind === 'RELEASE' && hold === null);
      return isWhole ? found : null;
    }

    function ledgerOf(entries: readonly StoredEntry[], ids: readonly string[], toMs: number): Ledger {
      const ledger = createLedger();
      for (const entry of entries) if (ids.includes(entry.customerId)) ledger.apply(entry);
      ledger.advance(toMs);
      return ledger;
    }

    function check(ledger: Ledger): void {
      const sums = Object.fromEntries(loyaltyAccounts.map((name) => [name, 0])) as Record<string, number>;
      for (const { postings } of ledger.entries) {
        let sum = 0;
        for (const [name, points] of Object.entries(postings)) {
          sums[name]! += points;
          sum += points;
        }
        expect(sum, 'postings of an entry').to.equal(0);
      }
      expect(sums, 'balances are the sums of postings').to.deep.equal({ ...ledger.balances });
      expect(
        Object.values(ledger.balances).reduce((a, b) => a + b, 0),
        'all accounts',
      ).to.equal(0);
      expect(ledger.balances.HELD).to.be.at.least(0);
    }

    it('conserves points, over any entries, retries, merges and expiries', function () {
      this.timeout(120_000);
      fc.assert(
        fc.property(fc.array(step, { minLength: 1, maxLength: 25 }), (steps) => {
          const entries: StoredEntry[] = [];
          let nowMs = 1_000;
          let mayOwe = false;
          for (const { draft: raw, by, waitMs, merged, again } of steps) {
            nowMs += waitMs;
            const made = draftOf(raw, nowMs);
            if (made === null) continue;
            const ids = persons[merged]!.find((each) => each.includes(by))!;
            const before = ledgerOf(entries, ids, nowMs);
            const decision = decide(made, before);
            if (decision !== 'new') continue;
            if (made.kind === 'RETURN' || ids.length > 1) mayOwe = true;
            entries.push({ ...made, customerId: ownerOf(made, before) ?? by, atMs: nowMs });
            const after = ledgerOf(entries, ids, nowMs);
            check(after);
            if (!mayOwe) expect(after.balances.AVAILABLE).to.be.at.least(0);
            if (again) expect(decide(made, after), 'the same entry again').to.equal('known');
          }
          for (const toMs of [nowMs, nowMs + 1_000]) {
            const all = ledgerOf(entries, members, toMs);
            const parts = members.map((id) => ledgerOf(entries, [id], toMs));
            for (const each of [all, ...parts]) check(each);
            const sumOf = (name: (typeof loyaltyAccounts)[number]) =>
              parts.reduce((sum, { balances }) => sum + balances[name], 0);
            // Points that expired may differ, as merged customers spend those first that expire first, whoever earned them.
            expect(sumOf('ISSUED')).to.equal(all.balances.ISSUED);
            expect(sumOf('SPENT')).to.equal(all.balances.SPENT);
            expect(sumOf('AVAILABLE') + sumOf('HELD') + sumOf('EXPIRED')).to.equal(
              all.balances.AVAILABLE + all.balances.HELD + all.balances.EXPIRED,
            );
            if (!entries.some(({ kind, expiresAtMs }) => expiresAtMs !== undefined && kind !== 'HOLD'))
              expect(sumOf('AVAILABLE')).to.equal(all.balances.AVAILABLE);
          }
        }),
        { numRuns: runs(1_000) },
      );
    });
  });
});
