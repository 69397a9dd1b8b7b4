import { expect } from 'chai';
import fc from 'fast-check';
import { consent as consentPlugin } from '../../plugins/consent/plugin.js';
import { customers as customersPlugin } from '../../plugins/customers/plugin.js';
import { queue } from '../../plugins/queue/plugin.js';
import { store } from '../../plugins/store/plugin.js';
import type { ContextInput } from '../../src/context.js';
import { bootPeople, type People } from '../support/people.js';

const sequences = 1_000;
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

/** The rules of the README, as shortly as they can be written. */
function createModel() {
  const owners = new Map<string, { now: string; first: string }>();
  const said = new Map<string, { granted: boolean; untilMs: number; by: string | null }>();

  const customerOf = ({ session, named }: Who) => named ?? owners.get(session)?.now ?? null;

  return {
    take(taken: Step, nowMs: number) {
      if (taken.type === 'identify') {
        const first = owners.get(taken.session)?.first ?? taken.customer;
        owners.set(taken.session, { now: taken.customer, first });
        return;
      }
      const by = customerOf(taken.who);
      const granted = taken.status === 'GRANTED';
      const untilMs =
        granted && taken.hours !== null ? nowMs + taken.hours * hourMs : Number.POSITIVE_INFINITY;
      for (const subject of [taken.who.session, ...(by ? [by] : [])]) {
        said.set(`${subject} ${taken.purpose}`, { granted, untilMs, by });
      }
    },
    allows(asker: Who, purpose: string, nowMs: number): boolean {
      const customer = customerOf(asker);
      const owner = owners.get(asker.session);
      const strangersPast = owner && !(owner.first === customer && owner.now === customer);
      const valid = (subject: string) => {
        const last = said.get(`${subject} ${purpose}`);
        return last && last.untilMs > nowMs ? last : null;
      };
      const here = valid(asker.session);
      const counted = customer
        ? [valid(customer), here?.by === null && !strangersPast ? here : null]
        : [here];
      const decided = counted.filter((one) => one !== null);
      return decided.length > 0 && decided.every((one) => one.granted);
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
