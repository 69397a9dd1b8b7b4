import { expect } from 'chai';
import { openTestGateway, type TestGateway } from '../support/gateway.js';
import { pantry } from './pantry.js';

/** Operations that come again are compiled to code; nobody should be able to tell, least of all by writing that code. */
describe('An operation that comes again', () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await openTestGateway([pantry]);
  });
  after(() => gateway.close());

  const mark = '__MAGIC_DATE__33a9e76d_02e0_4128_8e92_3530ad3da74d';
  const table: Readonly<Record<string, readonly [string, Record<string, unknown>?]>> = {
    'ordinary fields, aliases and fragments': [
      '{ a: jar(id: "a-b_c") { ...it inner { __typename id } } } fragment it on Jar { id label }',
    ],
    'a text that the compiler would take for code': [`{ jar(id: "${mark}(globalThis.intruder=1)") { id } }`],
    'the same in a block string': [`{ jar(id: """${mark}(globalThis.intruder=1)""") { id } }`],
    'the same in escapes': [`{ jar(id: "\\u005f${mark.slice(1)}(globalThis.intruder=1)") { id } }`],
    'the same as a default': [`query ($id: ID = "${mark}(globalThis.intruder=1)") { jar(id: $id) { id } }`],
    'the same as a variable': [
      'query ($id: ID) { jar(id: $id) { id } }',
      { id: `${mark}(globalThis.intruder=1)` },
    ],
    'an answer called __proto__': ['{ __proto__: jar { id } constructor: version }'],
    'a date': ['{ moment(at: "2026-01-01T00:00:00Z") }'],
    'a date by default': ['query ($at: DateTime! = "2026-01-01T00:00:00Z") { moment(at: $at) }'],
    'an object by default': [
      'query ($c: ShopperContext! = { channel: KIOSK, sessionId: "s" }) { whereabouts(context: $c) { sessionId } }',
    ],
    'a scalar that does not fit': ['query ($amount: Decimal!) { price(amount: $amount) }', { amount: '-1' }],
    'a variable with a field too many': [
      'query ($c: ShopperContext!) { whereabouts(context: $c) { sessionId } }',
      { c: { channel: 'WEB', sessionId: 's', currency: 'EURO', more: 1 } },
    ],
    'a variable that is missing': ['query ($id: ID!) { jar(id: $id) { id } }'],
  };
  for (const [name, [query, variables]] of Object.entries(table)) {
    it(`is answered every time the same: ${name}`, async () => {
      let first: unknown;
      for (let turn = 0; turn < 6; turn++) {
        const { text } = await gateway.ask(query, variables ? { variables } : {});
        expect(text).not.to.include('INTERNAL');
        first ??= JSON.parse(text) as unknown;
        expect(JSON.parse(text)).to.deep.equal(first);
      }
      expect(globalThis).not.to.have.property('intruder');
    });
  }
});
