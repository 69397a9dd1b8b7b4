import { expect } from 'chai';
import { openTestGateway, type TestGateway } from '../support/gateway.js';
import { pantry } from './pantry.js';

/** Operations that come again are planned, and answered without graphql-js; nobody should be able to tell. */
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
    'a text that a compiler would take for code': [`{ jar(id: "${mark}(globalThis.intruder=1)") { id } }`],
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
    'moments as clients write them': [
      'query ($a: DateTime!, $b: DateTime!, $c: DateTime!) { a: moment(at: $a) b: moment(at: $b) c: moment(at: $c) }',
      { a: '2024-02-28T23:59:59Z', b: '2024-02-29T23:59:59.123Z', c: '2026-11-22T10:00:00.5+05:30' },
    ],
    'a day that there is not': ['query ($at: DateTime!) { moment(at: $at) }', { at: '2026-02-29T00:00:00Z' }],
    'an object by default': [
      'query ($c: ShopperContext! = { channel: KIOSK, sessionId: "s" }) { whereabouts(context: $c) { sessionId } }',
    ],
    'a scalar that does not fit': ['query ($amount: Decimal!) { price(amount: $amount) }', { amount: '-1' }],
    'a variable with a field too many': [
      'query ($c: ShopperContext!) { whereabouts(context: $c) { sessionId } }',
      { c: { channel: 'WEB', sessionId: 's', currency: 'EURO', more: 1 } },
    ],
    'a variable that is missing': ['query ($id: ID!) { jar(id: $id) { id } }'],
    'every shape of value': [
      '{ shapes { __typename whole part yes seal other text free nothing rows deep { whole text deep { yes } } } }',
    ],
    'values that come late': ['{ a: shapes { late whole } b: shapes { lost { id } text deep { late } } }'],
    'values that fail': ['{ shapes { thrown badWhole badList whole } }'],
    'a failure in what may not be null': ['{ shapes { text deep { whole refusedLate text } } version }'],
    'a null where there may be none': ['{ shapes { deep { text needed { id } } strict { id label } } }'],
    'a failure that takes a whole field with it': ['{ version shapes { whole needed { id } } }'],
    'fields asked for twice, in fragments': [
      '{ shapes { deep { whole } ...a ... on Shapes { deep { text } } } } fragment a on Shapes { deep { yes ...b } } fragment b on Shapes { seal }',
    ],
    'fields that are left out by variables': [
      'query ($no: Boolean! = false, $yes: Boolean = true) { shapes { whole @include(if: $no) text @skip(if: $no) ... @include(if: $yes) { yes } ...c @skip(if: true) } version @include(if: $yes) } fragment c on Shapes { seal }',
      { no: false },
    ],
    'the same, the other way round': [
      'query ($no: Boolean! = false, $yes: Boolean = true) { shapes { whole @include(if: $no) text @skip(if: $no) ... @include(if: $yes) { yes } ...c @skip(if: true) } version @include(if: $yes) } fragment c on Shapes { seal }',
      { no: true, yes: false },
    ],
    'a condition that is null': [
      'query ($yes: Boolean = true) { shapes { whole @include(if: $yes) } version }',
      { yes: null },
    ],
    'a failure beside slower failures': ['{ shapes { deep { late tardy thrownStrict } } }'],
    'a late failure below a field that is already null': [
      '{ shapes { deep { tardy needed { id } } later } version }',
    ],
    'a list whose iterator throws': ['{ shapes { broken { id } later } }'],
    'defaults of absent fields of nested inputs': [
      '{ shapes { wish(wish: { inner: { inners: [{}, { word: "x" }] } }) } }',
    ],
    'the same in a variable': [
      'query ($wish: Wish) { shapes { wish(wish: $wish) } }',
      { wish: { inner: { inners: [{}, { word: 'x' }] } } },
    ],
    'the same around variables': [
      'query ($times: Int, $word: String! = "d") { shapes { wish(wish: { inner: { times: $times, inner: { word: $word } } }) } }',
      {},
    ],
    // None of them is required, so graphql-js does not step in where a default was lost.
    'defaults of absent optional fields in a variable': [
      'query ($hope: Hope) { shapes { hope(hope: $hope) } }',
      { hope: { inner: { inners: [{}, { times: 3 }] } } },
    ],
    'defaults of absent optional fields around variables': [
      'query ($times: Int, $inner: Hope) { shapes { hope(hope: { inner: { times: $times, inner: $inner } }) } }',
      { inner: {} },
    ],
    'nothing left': ['query ($no: Boolean = false) { shapes { whole @include(if: $no) } }'],
    'arguments of every kind': [
      'query ($word: String, $times: Int = 2) { shapes { a: echo b: echo(word: "y") c: echo(word: $word, times: $times) d: echo(word: "z", times: $times) } }',
      { word: 'w' },
    ],
    'words of all the world': [
      'query ($word: String) { shapes { a: echo(word: $word, times: 2) b: echo(word: "süß “日本” 🎈 \\u2028") } }',
      { word: 'Škoda – “naïve” 日本語 🎈\u2028\u0000' },
    ],
    'half of a surrogate pair': [
      'query ($word: String) { shapes { echo(word: $word) } }',
      { word: 'a\ud83cb' },
    ],
    'arguments that hold variables': [
      'query ($s: ID!, $l: Locale, $c: Channel! = APP) { whereabouts(context: { channel: $c, sessionId: $s, locale: $l, currency: "CHF" }) { sessionId locale currency storeId } }',
      { s: 's', c: 'KIOSK' },
    ],
    'the same, left out or null': [
      'query ($s: ID, $l: Locale = "fr") { whereabouts(context: { channel: WEB, sessionId: $s, locale: $l, storeId: $s }) { customerId locale } }',
      { l: null },
    ],
    'variables of a shape of their own': [
      'query ($c: ShopperContext!) { whereabouts(context: $c) { sessionId locale storeId } }',
      { c: { channel: 'WEB', sessionId: 12, storeId: null, locale: 'de-CH' } },
    ],
    'a list for an object': [
      'query ($c: ShopperContext!) { whereabouts(context: $c) { sessionId } }',
      { c: [] },
    ],
    'a name of every object as a variable': [
      'query ($constructor: ID, $__proto__: ID) { a: jar(id: $constructor) { id } b: jar(id: $__proto__) { id } }',
      {},
    ],
    'an enum value that there is not': [
      'query ($c: Channel!) { whereabouts(context: { channel: $c, sessionId: "s" }) { sessionId } }',
      { c: 'toString' },
    ],
    'an argument that may not be null': [
      'query ($word: String) { shapes { echo(word: $word, times: 1) } }',
      { word: null },
    ],
  };
  for (const [name, [query, variables]] of Object.entries(table)) {
    it(`is answered every time the same: ${name}`, async () => {
      let first: unknown;
      for (let turn = 0; turn < 6; turn++) {
        const asked = await gateway.ask(query, variables ? { variables } : {});
        const text = asked.text.replaceAll(/request-\d+/g, 'request');
        expect(text).not.to.include('secret');
        first ??= inOrder(JSON.parse(text));
        expect(inOrder(JSON.parse(text))).to.deep.equal(first);
      }
      expect(globalThis).not.to.have.property('intruder');
    });
  }
});

/** Failures of fields that run side by side come in no promised order. */
function inOrder(answer: unknown): unknown {
  const { errors = [], ...rest } = answer as { readonly errors?: readonly unknown[] };
  return { errors: errors.map((error) => JSON.stringify(error)).sort(), ...rest };
}
