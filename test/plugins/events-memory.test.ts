import { expect } from 'chai';
import { createRecentEvents, recentBytesMax } from '../../plugins/events/recent.js';
import { createSettledSessions } from '../../plugins/recommendations/limits/settled-sessions.js';
import type { ShopEvent } from '../../src/ports/events.js';
import type { TestSystem } from '../support/boot.js';
import { bootEvents, contextOf, historyOf } from '../support/events.js';
import { eventOf } from '../support/shop-event.js';

/** About as large as an event may be. */
const text = 'x'.repeat(31_000);
const properties = { text };
const emptyLists = { lists: JSON.parse(`[${'[],'.repeat(10_000)}[]]`) as unknown };

const listOf = (sessionId: string) => ({
  person: `s${sessionId}`,
  untilMs: Number.POSITIVE_INFINITY,
  types: null,
});

describe('the memory that events of many bytes take', () => {
  const sizes: readonly (readonly [string, Record<string, unknown>, number])[] = [
    ['long texts', properties, text.length],
    ['empty lists', emptyLists, 40 * 10_000],
  ];
  for (const [what, more, bytesOfEvent] of sizes) {
    it(`is bounded by their bytes in the log's own memory: ${what}`, async () => {
      const recent = createRecentEvents(async () => ({ events: [], complete: true, isFull: false }));
      // Three times as much as may be kept.
      const people = Array.from(
        { length: Math.ceil((3 * recentBytesMax) / (10 * bytesOfEvent)) },
        (_, n) => `session-${n}`,
      );
      for (const sessionId of people) {
        await recent.of(listOf(sessionId));
        recent.arrived(
          Array.from({ length: 10 }, (_, n) => eventOf('CUSTOM', n, [], { sessionId, properties: more })),
        );
      }
      const kept = people.flatMap((sessionId) => recent.kept(listOf(sessionId))?.events ?? []);
      expect(kept.length).to.be.greaterThan(100);
      expect(kept.length * bytesOfEvent).to.be.below(recentBytesMax);
    });
  }

  it('is that of 200,000 usual events', async () => {
    const recent = createRecentEvents(async () => ({ events: [], complete: true, isFull: false }));
    const people = Array.from({ length: 1_000 }, (_, n) => `0f8fad5b-d9cb-469f-a165-70867728${n}`);
    for (const sessionId of people) {
      await recent.of(listOf(sessionId));
      recent.arrived(
        Array.from({ length: 200 }, (_, n) =>
          eventOf('PRODUCT_VIEWED', n, ['product-12345'], {
            sessionId,
            id: `storefront-1:q1w2e3r4t5y6.${n}`,
          }),
        ),
      );
    }
    const kept = people.flatMap((sessionId) => recent.kept(listOf(sessionId))?.events ?? []);
    expect(kept).to.have.lengthOf.above(150_000);
  });

  it('is little for a session that may have been made up', () => {
    const sessions = createSettledSessions();
    const ids = Array.from({ length: 100 }, (_, n) => `${'p'.repeat(250)}${n}`);
    const at = (receivedAtMs: number) => eventOf('ORDER_COMPLETED', receivedAtMs, ids, { properties });
    for (let n = 0; n < 8; n++) sessions.enter(1, at(n));
    const held = sessions.enter(1, at(60_000)).slice(0, -1);
    expect(held.map((event: ShopEvent) => event.properties)).to.deep.equal(held.map(() => null));
    expect(JSON.stringify(held).length).to.be.below(64_000);
    for (let n = 0; n < 3; n++) sessions.enter(2, eventOf('PRODUCT_VIEWED', n, ['kettle']));
    expect(sessions.enter(2, eventOf('PRODUCT_VIEWED', 60_000, ['kettle']))).to.have.lengthOf(4);
  });

  describe('of one person', () => {
    let system: TestSystem;
    before(async () => {
      system = await bootEvents();
    });
    after(() => system.close());

    it('is bounded while their history is read, and the newest are found', async () => {
      const { record } = system.port('events');
      for (let call = 0; call < 20; call++) {
        system.clock.advance(1_000);
        const events = Array.from({ length: 25 }, (_, n) => ({
          messageId: `m${call}-${n}`,
          type: 'PRODUCT_VIEWED',
          productIds: [`p${call}`],
          properties,
        }));
        await record(contextOf('heavy'), events);
      }
      const all = await historyOf(system, contextOf('heavy'), { limit: 1_000 });
      const bytes = all.reduce((sum, event) => sum + JSON.stringify(event).length, 0);
      expect(bytes).to.be.within(1_500_000, 2_500_000);
      expect(all[0]!.productIds).to.deep.equal(['p19']);
      const orders = await historyOf(system, contextOf('heavy'), { types: ['ORDER_COMPLETED'] });
      expect(orders).to.deep.equal([]);
    });
  });
});
