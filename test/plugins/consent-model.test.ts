import { expect } from 'chai';
import fc from 'fast-check';
import { consent as consentPlugin } from '../../plugins/consent/plugin.js';
import { customers as customersPlugin } from '../../plugins/customers/plugin.js';
import { queue } from '../../plugins/queue/plugin.js';
import { store } from '../../plugins/store/plugin.js';
import type { ContextInput } from '../../src/context.js';
import { bootPeople, type People } from '../support/people.js';
import { runs } from '../support/runs.js';

const sequences = runs(1_000);
const hourMs = 3_600_000;

const who = fc.record({
  session: fc.constantFrom('web', 'phone'),
  named: fc.constantFrom(null, null, 'ada', 'ben'),
});
const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('decide' as const),
      who,
      purpose: fc.constantFrom('PERSONALIZATION' as const, 'MARKETING_EMAIL' as const),
      status: fc.constantFrom(
        'GRANTED' as const,
        'GRANTED' as const,
        'DENIED' as const,
        'WITHDRAWN' as const,
      ),
      hours: fc.constantFrom(null, null, 1, 3),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('identify' as const),
      session: fc.constantFrom('web', 'phone'),
      customer: fc.constantFrom('ada', 'ben'),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;
type Who = typeof who extends fc.Arbitrary<infer W> ? W : never;

/** The rules of the README for a server's calls, in their shortest form. */
function createModel() {
  interface Session {
    readonly subject: string;
    owner: string | null;
    ownedAtMs: number;
  }
  interface Said {
    readonly granted: boolean;
    readonly untilMs: number;
    readonly atMs: number;
    /** Of a refusal carried over from another customer's session: whose it is. */
    readonly of?: string;
    readonly by?: string;
  }
  const sessions = new Map<string, Session>();
  const said = new Map<string, Said>();
  let generations = 0;

  function sessionOf(id: string): Session {
    const known = sessions.get(id) ?? { subject: id, owner: null, ownedAtMs: 0 };
    sessions.set(id, known);
    return known;
  }

  return {
    take(taken: Step, nowMs: number) {
      if (taken.type === 'identify') {
        const session = sessionOf(taken.session);
        const { owner } = session;
        if (owner !== null && owner !== taken.customer) {
          const subject = `${taken.session} ${++generations}`;
          sessions.set(taken.session, { subject, owner: taken.customer, ownedAtMs: nowMs });
          for (const purpose of ['PERSONALIZATION', 'MARKETING_EMAIL']) {
            const last = said.get(`${session.subject} ${purpose}`);
            const own = said.get(`${owner} ${purpose}`);
            const isTakenBack = last?.of === owner && own && own.untilMs > nowMs && own.atMs > last.atMs;
            if (last && !last.granted && !isTakenBack)
              said.set(`${subject} ${purpose}`, {
                ...last,
                ...(last.atMs <= session.ownedAtMs ? { of: last.of ?? owner } : {}),
              });
          }
        } else if (owner === null) {
          session.owner = taken.customer;
          session.ownedAtMs = nowMs;
        }
        return;
      }
      const session = sessionOf(taken.who.session);
      const by = taken.who.named ?? session.owner;
      const granted = taken.status === 'GRANTED';
      const untilMs =
        granted && taken.hours !== null ? nowMs + taken.hours * hourMs : Number.POSITIVE_INFINITY;
      for (const subject of by ? [`${session.subject} proven`, by] : [session.subject]) {
        const last = said.get(`${subject} ${taken.purpose}`);
        // What a customer refused in a session is not granted there by another one.
        if (by && granted && last && !last.granted && last.by !== by) continue;
        said.set(`${subject} ${taken.purpose}`, { granted, untilMs, atMs: nowMs, ...(by ? { by } : {}) });
      }
    },
    allows(asker: Who, purpose: string, nowMs: number): boolean {
      const session = sessionOf(asker.session);
      const valid = (subject: string) => {
        const last = said.get(`${subject} ${purpose}`);
        return last && last.untilMs > nowMs ? last : null;
      };
      const isRefused = valid(`${session.subject} proven`)?.granted === false;
      const last = valid(session.subject);
      // Nothing said without proof holds against a refusal of somebody who was known here.
      const here = last?.granted && isRefused ? null : last;
      const customer = asker.named ?? session.owner;
      if (customer === null) return here?.granted === true;
      const isTheirs = here?.of ? here.of === customer : (session.owner ?? customer) === customer;
      const own = valid(customer);
      const isSuperseded = own !== null && here !== null && own.atMs > here.atMs;
      const counted = [own, isTheirs && !isSuperseded ? here : null].filter((one) => one !== null);
      return counted.length > 0 && counted.every(({ granted }) => granted);
    },
  };
}

describe('consent against its model', () => {
  let people: People;
  before(async () => {
    people = await bootPeople([store, queue, customersPlugin, consentPlugin]);
  });
  after(() => people.close());

  it(`permits exactly what a model of a few lines permits, through ${sequences} sequences at once`, async function () {
    this.timeout(120_000);
    const all = fc
      .sample(fc.array(step, { minLength: 4, maxLength: 4 }), { numRuns: sequences, seed: 7 })
      .map((steps, i) => ({ steps, name: (id: string) => `${id}-${i}`, model: createModel() }));
    const customers = people.port('customers');
    const consent = people.port('consent');
    const contextOf = (input: Partial<ContextInput>) => people.context(input, { role: 'SERVER' });

    for (let turn = 0; turn < 4; turn++) {
      await Promise.all(
        all.map(async ({ steps, name, model }) => {
          const taken = steps[turn]!;
          model.take(taken, people.clock.nowMs());
          if (taken.type === 'identify') {
            await customers.identify(contextOf({ sessionId: name(taken.session) }), {
              id: name(taken.customer),
            });
            return;
          }
          const { purpose, status, hours } = taken;
          const expiresAt =
            status === 'GRANTED' && hours !== null ? new Date(people.clock.nowMs() + hours * hourMs) : null;
          const { userErrors } = await consent.decide(await recognised(taken.who, name), [
            { purpose, status, expiresAt },
          ]);
          expect(userErrors).to.deep.equal([]);
        }),
      );
      people.clock.advance(hourMs);
      for (const { steps, name, model } of all) {
        for (const session of ['web', 'phone'] as const) {
          for (const named of [null, 'ada'] as const) {
            for (const purpose of ['PERSONALIZATION', 'MARKETING_EMAIL'] as const) {
              const asker = { session, named };
              const permit = await consent.permit(await recognised(asker, name), purpose);
              const expected = model.allows(asker, purpose, people.clock.nowMs());
              if ((permit !== null) !== expected) {
                expect.fail(
                  `${JSON.stringify(asker)} ${purpose}: expected ${expected} after ${JSON.stringify(steps.slice(0, turn + 1))}`,
                );
              }
            }
          }
        }
      }
    }

    function recognised(asker: Who, name: (id: string) => string) {
      return customers.recognise(
        contextOf({
          sessionId: name(asker.session),
          customerId: asker.named === null ? null : name(asker.named),
        }),
      );
    }
  });
});
