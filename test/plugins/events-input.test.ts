import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { type EnumTypeDefinitionNode, Kind, parse } from 'graphql';
import { happenedAtMs } from '../../plugins/events/device-clock.js';
import { isFault, readEvent } from '../../plugins/events/event-input.js';
import { createSenderClocks } from '../../plugins/events/sender-clocks.js';
import { eventTypes } from '../../src/ports/events.js';
import { projectDirectory } from '../../src/project-directory.js';
import type { TestSystem } from '../support/boot.js';
import { bootEvents, contextOf, historyOf, view } from '../support/events.js';

const half = '\ud83d';
const long = (length: number) => 'x'.repeat(length);
const nested = (depth: number): unknown => (depth === 0 ? 1 : { a: nested(depth - 1) });

/** A view whose JSON takes so many bytes in UTF-8. */
function ofBytes(bytes: number, letter: string): Record<string, unknown> {
  const event = { ...view('m1'), properties: { text: '' } };
  const free = bytes - Buffer.byteLength(JSON.stringify(event));
  const letters = Math.floor(free / Buffer.byteLength(letter));
  event.properties.text = letter.repeat(letters) + long(free - letters * Buffer.byteLength(letter));
  return event;
}

const refused: readonly [what: string, event: unknown, code: string, path: readonly (string | number)[]][] = [
  ['nothing', null, 'EVENTS_INVALID', []],
  ['a list', [], 'EVENTS_INVALID', []],
  ['an unknown field', { ...view('m1'), product: 'kettle' }, 'EVENTS_FIELD_UNKNOWN', ['product']],
  ['no messageId', { type: 'CUSTOM' }, 'EVENTS_MESSAGE_ID_INVALID', ['messageId']],
  ['a messageId of 257 characters', view(long(257)), 'EVENTS_MESSAGE_ID_INVALID', ['messageId']],
  ['a messageId with a NUL', view('a\0b'), 'EVENTS_MESSAGE_ID_INVALID', ['messageId']],
  ['a messageId with half a character', view(`a${half}`), 'EVENTS_MESSAGE_ID_INVALID', ['messageId']],
  ['an unknown type', { ...view('m1'), type: 'constructor' }, 'EVENTS_TYPE_INVALID', ['type']],
  ['no product', { ...view('m1'), productIds: [] }, 'EVENTS_PRODUCTS_MISSING', ['productIds']],
  [
    '101 products',
    { ...view('m1'), productIds: Array(101).fill('p') },
    'EVENTS_PRODUCTS_INVALID',
    ['productIds'],
  ],
  [
    'a product id of nothing',
    { ...view('m1'), productIds: ['a', ''] },
    'EVENTS_PRODUCTS_INVALID',
    ['productIds', 1],
  ],
  ['a product id with half a character', view('m1', half), 'EVENTS_PRODUCTS_INVALID', ['productIds', 0]],
  [
    'a search for nothing',
    { messageId: 'm1', type: 'PRODUCT_SEARCHED', query: ' \n' },
    'EVENTS_QUERY_MISSING',
    ['query'],
  ],
  [
    'a query of 10 kB',
    { messageId: 'm1', type: 'PRODUCT_SEARCHED', query: long(10_000) },
    'EVENTS_QUERY_INVALID',
    ['query'],
  ],
  [
    'a click on no decision',
    { ...view('m1'), type: 'RECOMMENDATION_CLICKED' },
    'EVENTS_DECISION_ID_MISSING',
    ['decisionId'],
  ],
  ['a rating of 6', { ...view('m1'), type: 'PRODUCT_RATED', value: 6 }, 'EVENTS_VALUE_INVALID', ['value']],
  ['1e400 as value', { ...view('m1'), value: Number('1e400') }, 'EVENTS_VALUE_INVALID', ['value']],
  ['NaN as value', { messageId: 'm1', type: 'CUSTOM', value: Number.NaN }, 'EVENTS_VALUE_INVALID', ['value']],
  [
    'a negative order',
    { ...view('m1'), type: 'ORDER_COMPLETED', value: -1 },
    'EVENTS_VALUE_INVALID',
    ['value'],
  ],
  [
    'an order of 1e300',
    { ...view('m1'), type: 'ORDER_COMPLETED', value: 1e300 },
    'EVENTS_VALUE_INVALID',
    ['value'],
  ],
  [
    '1e400 in properties',
    { ...view('m1'), properties: { a: [Number('1e400')] } },
    'EVENTS_VALUE_INVALID',
    ['properties', 'a', 0],
  ],
  [
    'an unknown currency',
    { ...view('m1'), value: 1, currency: 'XXQ' },
    'EVENTS_CURRENCY_INVALID',
    ['currency'],
  ],
  ['a quantity of 0', { ...view('m1'), quantity: [0] }, 'EVENTS_QUANTITY_INVALID', ['quantity']],
  [
    '2 quantities for 3 products',
    { ...view('m1'), productIds: ['a', 'b', 'c'], quantity: [1, 2] },
    'EVENTS_QUANTITY_INVALID',
    ['quantity'],
  ],
  ['position 0', { ...view('m1'), position: 0 }, 'EVENTS_POSITION_INVALID', ['position']],
  ['a time that is none', { ...view('m1'), at: 'yesterday' }, 'EVENTS_AT_INVALID', ['at']],
  ['a time before 1970', { ...view('m1'), at: new Date(-1) }, 'EVENTS_AT_INVALID', ['at']],
  [
    'properties that are a list',
    { ...view('m1'), properties: [] },
    'EVENTS_PROPERTIES_INVALID',
    ['properties'],
  ],
  [
    '__proto__',
    { ...view('m1'), properties: JSON.parse('{"a":{"__proto__":{"admin":true}}}') as unknown },
    'EVENTS_VALUE_INVALID',
    ['properties', 'a', '__proto__'],
  ],
  [
    'constructor.prototype',
    { ...view('m1'), properties: { constructor: { prototype: { admin: true } } } },
    'EVENTS_VALUE_INVALID',
    ['properties', 'constructor'],
  ],
  [
    'a name with a NUL',
    { ...view('m1'), properties: { 'a\0': 1 } },
    'EVENTS_VALUE_INVALID',
    ['properties', 'a\0'],
  ],
  [
    'a name with half a character',
    { ...view('m1'), properties: { [half]: 1 } },
    'EVENTS_VALUE_INVALID',
    ['properties', half],
  ],
  [
    '17 levels',
    { ...view('m1'), properties: nested(17) },
    'EVENTS_VALUE_INVALID',
    ['properties', ...Array(16).fill('a')],
  ],
  [
    '3,000 levels',
    { ...view('m1'), properties: nested(3_000) },
    'EVENTS_VALUE_INVALID',
    ['properties', ...Array(16).fill('a')],
  ],
  ['32,769 bytes', ofBytes(32_769, 'x'), 'EVENTS_TOO_LARGE', []],
  ['32,769 bytes of long characters', ofBytes(32_769, '蒸'), 'EVENTS_TOO_LARGE', []],
  ['32,769 bytes of escapes', ofBytes(32_769, '"'), 'EVENTS_TOO_LARGE', []],
];

const taken: readonly [what: string, event: Record<string, unknown>][] = [
  ['a messageId of 256 characters', view(long(256))],
  ['100 products', { ...view('m1'), productIds: Array(100).fill('p') }],
  ['16 levels', { ...view('m1'), properties: nested(16) }],
  ['32,768 bytes', ofBytes(32_768, 'x')],
  ['32,768 bytes of long characters', ofBytes(32_768, '蒸')],
  ['a custom event without anything', { messageId: 'm1', type: 'CUSTOM' }],
  ['a search that found nothing', { messageId: 'm1', type: 'PRODUCT_SEARCHED', query: 'ketle' }],
];

describe('event input', () => {
  it('knows exactly the types that the schema has', () => {
    const sdl = parse(readFileSync(join(projectDirectory(), 'schema', 'events.graphql'), 'utf8'));
    const inSchema = sdl.definitions.find(
      (node) => node.kind === Kind.ENUM_TYPE_DEFINITION && node.name.value === 'EventType',
    );
    const names = (inSchema as EnumTypeDefinitionNode).values?.map(({ name }) => name.value);
    expect(names).to.have.members([...eventTypes]);
  });

  for (const [what, event, code, path] of refused) {
    it(`refuses ${what}, saying where and what is allowed`, () => {
      const read = readEvent(event, 'EUR');
      expect(isFault(read) ? read : null).to.deep.include({ code, path });
      expect(isFault(read) && read.message)
        .to.be.a('string')
        .with.length.within(10, 500);
    });
  }

  const named: readonly (readonly [fields: Record<string, unknown>, message: RegExp])[] = [
    [{ type: 'ORDER_COMPLETED', value: -1 }, /from 0 .*, not -1$/],
    [{ quantity: [0, 2] }, /from 1 to 1000000, not \[0, 2\]$/],
    [{ position: 0 }, /from 1 to 10000, not 0$/],
    [{ currency: 'euro' }, /ISO 4217 code, e\.g\. EUR, not "euro"$/],
    [{ at: 'yesterday' }, /, not "yesterday"$/],
    [{ type: 'PRODUCT_RATED' }, /from 1 to 5, and is missing$/],
    [{ query: long(2_000) }, /characters, not "x{40}…"$/],
  ];
  for (const [fields, message] of named) {
    it(`names the value received: ${message.source}`, () => {
      const read = readEvent({ ...view('m1'), ...fields }, 'EUR');
      expect(isFault(read) ? read.message : '').to.match(message);
    });
  }

  for (const [what, event] of taken) {
    it(`takes ${what}`, () => {
      expect(readEvent(event, 'EUR')).not.to.have.property('code');
    });
  }

  describe('as stored', () => {
    let system: TestSystem;
    before(async () => {
      system = await bootEvents();
    });
    after(() => system.close());

    async function kept(event: Record<string, unknown>) {
      const sessionId = system.clock.nowMs().toString();
      system.clock.advance(1);
      const sent = { ...event, messageId: sessionId };
      expect((await system.port('events').record(contextOf(sessionId), [sent])).userErrors).to.deep.equal([]);
      return (await historyOf(system, contextOf(sessionId)))[0]!;
    }

    it('mends half characters in texts rather than lose the event', async () => {
      const event = await kept({ ...view(''), query: `mug ${half}`, properties: { title: `mug ${half}` } });
      expect(event).to.deep.include({ query: 'mug \ufffd', properties: { title: 'mug \ufffd' } });
    });

    it('keeps names that databases give a meaning', async () => {
      const properties = { $where: 'sleep(1000)', 'a.b': 1, '': 2, toString: 3 };
      expect((await kept({ ...view(''), properties })).properties).to.deep.equal(properties);
    });

    it('dates what comes from the future or from the year 275760 by its receipt', async () => {
      for (const at of [new Date(8.64e15), new Date(system.clock.nowMs() + 86_400_000)]) {
        const event = await kept({ ...view(''), at });
        expect(event.atMs).to.equal(event.receivedAtMs);
      }
    });

    it('counts an amount in the currency of the event, or of the shopper, in minor units', async () => {
      const order = { ...view(''), type: 'ORDER_COMPLETED' };
      expect(await kept({ ...order, value: 19.99 })).to.include({ value: 1999, currency: 'EUR' });
      expect(await kept({ ...order, value: 1999, currency: 'JPY' })).to.include({
        value: 1999,
        currency: 'JPY',
      });
      const rating = { ...view(''), type: 'PRODUCT_RATED', value: 4.5 };
      expect(await kept(rating)).to.include({ value: 4.5, currency: null });
    });
  });

  describe('the clock of a device', () => {
    const receivedAtMs = Date.UTC(2026, 0, 15, 12);
    const hour = 3_600_000;

    it('does no harm when it is wrong by up to a day', () => {
      const skew = fc.integer({ min: -24 * hour + 1_000, max: 24 * hour - 1_000 });
      const held = fc.integer({ min: 0, max: 400 * 24 * hour });
      const wire = fc.integer({ min: 0, max: 1_000 });
      fc.assert(
        fc.property(skew, held, wire, (skewMs, heldMs, wireMs) => {
          const sentMs = receivedAtMs - wireMs;
          const trueMs = sentMs - heldMs;
          const found = happenedAtMs(trueMs + skewMs, sentMs + skewMs, receivedAtMs);
          // A clock that is nearly right is not corrected forward.
          const correctedMs = Math.abs(skewMs) > 61_000 ? trueMs : Math.min(trueMs, trueMs + skewMs);
          expect(found).to.be.within(correctedMs, trueMs + 1_000);
        }),
      );
    });

    it('does no harm when its battery was out', () => {
      expect(happenedAtMs(60_000, 90_000, receivedAtMs)).to.equal(receivedAtMs - 30_000);
      expect(happenedAtMs(receivedAtMs - hour, receivedAtMs - 2 * hour, receivedAtMs)).to.equal(
        receivedAtMs - hour,
      );
      expect(happenedAtMs(receivedAtMs - 300, receivedAtMs - 1_000, receivedAtMs)).to.equal(
        receivedAtMs - 300,
      );
      const ahead = receivedAtMs + 3_650 * 24 * hour;
      expect(happenedAtMs(ahead - 30_000, ahead, receivedAtMs)).to.equal(receivedAtMs - 30_000);
    });

    it('is not believed when only the time of sending is absurd', () => {
      const at = receivedAtMs - hour;
      expect(happenedAtMs(at, receivedAtMs + 3_650 * 24 * hour, receivedAtMs)).to.equal(at);
    });

    it('is right if it is off by a minute at most, so that a body sent again is as old as it was', () => {
      const then = receivedAtMs - 50_000;
      expect(happenedAtMs(then, then, receivedAtMs)).to.equal(then);
      const ahead = receivedAtMs + 50_000;
      expect(happenedAtMs(ahead - 5_000, ahead, receivedAtMs)).to.equal(receivedAtMs - 5_000);
    });

    it('is read as it was off when the sender was last heard, if a time of sending is repeated', () => {
      const clockOf = createSenderClocks();
      const live = receivedAtMs - 3 * hour;
      expect(clockOf('s', live, receivedAtMs - 3 * hour)).to.equal(live);
      expect(clockOf('s', live - hour, receivedAtMs)).to.equal(receivedAtMs);
      expect(clockOf('s', live, receivedAtMs)).to.equal(receivedAtMs);
      expect(clockOf('s', receivedAtMs, receivedAtMs)).to.equal(receivedAtMs);
      expect(clockOf('slow', live, receivedAtMs)).to.equal(live);
      expect(clockOf('slow', live - hour, receivedAtMs + hour)).to.equal(live + hour);
    });

    it('never dates an event after its receipt', () => {
      const instant = fc.integer({ min: 0, max: 8.64e15 });
      fc.assert(
        fc.property(fc.option(instant), fc.option(instant), (atMs, sentAtMs) => {
          expect(happenedAtMs(atMs, sentAtMs, receivedAtMs)).to.be.at.most(receivedAtMs);
        }),
      );
    });
  });
});
