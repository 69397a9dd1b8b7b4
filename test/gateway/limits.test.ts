import { join } from 'node:path';
import { expect } from 'chai';
import { getIntrospectionQuery } from 'graphql';
import { plugins } from '../../plugins/index.js';
import { createDocuments } from '../../src/gateway/documents.js';
import { buildGraph } from '../../src/gateway/graph.js';
import { projectDirectory } from '../../src/project-directory.js';
import { bootPlugins } from '../support/boot.js';
import { type Answer, openTestGateway, type TestGateway } from '../support/gateway.js';

const repeat = (count: number, each: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => each(i)).join(' ');
const context = '{ channel: WEB, sessionId: "s" }';
const money = '{ amount currency }';
const card = `id sku status title description brand price ${money} listPrice ${money} inStock image { url alt } media { url alt }
  categories { id name parent { id name } } options { name values { value label } } attributes { name value } sellers { id name }`;
const list = (alias: string, placement: string) =>
  `${alias}: recommendations(placement: "${placement}", first: 50) { decisionId personalized degraded
    items { position score source expected { at from to } product { ${card} } reasons { code text because { id title image { url alt } } } } }`;

/** What a caller may be charged for: CPU of the process, which other tests do not share. */
async function cpuMillis(run: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

describe('The limits of an operation', () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await openTestGateway(plugins);
  });
  after(() => gateway.close());

  const limitOf = ({ errors }: Answer) => errors?.[0]?.extensions;

  it('leave room for the richest page of a storefront', async () => {
    const pages: Readonly<Record<string, string>> = {
      'four lists of fifty full cards with reasons': `{ shopper(context: ${context}) { sessionId known personalization { applied reason }
        ${list('a', 'home')} ${list('b', 'trending')} ${list('c', 'cart')} ${list('d', 'recently-viewed')} } }`,
      'a hundred cards with six facets': `{ shopper(context: ${context}) { search(query: "lamp", first: 100, facets: ["brand", "category", "price", "color", "size", "weight"]) {
        queryId total correctedQuery appliedSynonyms facets { name min max values { value label count } }
        products { totalCount pageInfo { hasNextPage endCursor } nodes { ${card} } } } } }`,
      'the same by edges, in fragments, by variables': `query ($n: Int!) { products(first: $n) { ...page } }
        fragment page on ProductConnection { pageInfo { endCursor } edges { cursor node { ...card } } } fragment card on Product { ${card} }`,
    };
    for (const [what, query] of Object.entries(pages)) {
      const answer = await gateway.ask(query, { variables: { n: 100 } });
      expect(answer.errors, `${what}: ${answer.text.slice(0, 300)}`).to.equal(undefined);
    }
    const schema = await gateway.ask(getIntrospectionQuery(), { role: null });
    expect(schema.errors).to.equal(undefined);
  });

  const hostile: Readonly<Record<string, readonly [string, string, Record<string, unknown>?]>> = {
    'categories within categories': [
      'cost',
      `{ categories { ${repeat(6, () => 'children {')} id ${'}'.repeat(6)} } }`,
    ],
    'recommendations 59 times': [
      'cost',
      `{ shopper(context: ${context}) { ${repeat(59, (i) => `a${i}: recommendations(placement: "home", diversity: ${i / 59}) { decisionId }`)} } }`,
    ],
    'searches 55 times': [
      'cost',
      `{ shopper(context: ${context}) { ${repeat(55, (i) => `a${i}: search(query: "x${i}") { total }`)} } }`,
    ],
    'lists by variables': [
      'cost',
      `query ($n: Int) { ${repeat(9, (i) => `a${i}: products(first: $n) { nodes { ${card} } }`)} }`,
      { n: 100 },
    ],
    'lists by a variable’s default': [
      'cost',
      `query ($n: Int = 100) { ${repeat(9, (i) => `a${i}: products(first: $n) { nodes { ${card} } }`)} }`,
    ],
    'lists by a variable in fragments that double': [
      'cost',
      `query ($n: Int) { ...f0 } ${repeat(27, (i) => `fragment f${i} on Query { ...f${i + 1} ...f${i + 1} }`)}
       fragment f27 on Query { products(first: $n) { nodes { id } } }`,
      { n: 1 },
    ],
    'fields and lists in fragments that double ninety-eight times': [
      'cost',
      `query ($n: Int) { ...f0 } ${repeat(98, (i) => `fragment f${i} on Query { ...f${i + 1} ...f${i + 1} }`)}
       fragment f98 on Query { version products(first: $n) { nodes { id } } }`,
      { n: 0 },
    ],
    'the whole schema ten times': [
      'cost',
      `{ ${repeat(10, (i) => `a${i}: __schema { types { ...FullType } directives { name args { ...InputValue } } }`)} }
       ${getIntrospectionQuery().slice(getIntrospectionQuery().indexOf('fragment FullType'))}`,
    ],
    'a field a thousand times': ['repetitions', `{ ${repeat(1_001, () => 'version')} }`],
    'a field with arguments a hundred times': [
      'repetitions',
      `{ ${repeat(101, (i) => `product(id: "${i}") { id }`)} }`,
    ],
    'a type four hundred times': ['repetitions', `{ ${repeat(400, () => '__type { name }')} }`],
    'fields with fields below them, in fragments': [
      'repetitions',
      `{ ${repeat(99, (i) => `...f${i}`)} } ${repeat(99, (i) => `fragment f${i} on Query { __schema { types { name } } }`)}`,
    ],
    'fragments that double below fields': [
      'repetitions',
      `{ product(id: "a") { categories { ...f0 } } } ${repeat(12, (i) => `fragment f${i} on Category { ${repeat(4, (j) => `a${j}: parent { ...f${i + 1} }`)} }`)}
       fragment f12 on Category { id }`,
    ],
    'a literal of many lists': ['nesting', `{ product(id: ${'['.repeat(101)}${']'.repeat(101)}) { id } }`],
    'a default of many lists': [
      'nesting',
      `query ($id: ID = ${'['.repeat(101)}${']'.repeat(101)}) { product(id: $id) { id } }`,
    ],
    'inline fragments in each other': [
      'fragments',
      `{ ${repeat(900, () => '... { ')} version ${'}'.repeat(900)} }`,
    ],
    'fragments without end': [
      'fragments',
      `{ ${repeat(300, (i) => `...f${i}`)} } ${repeat(300, (i) => `fragment f${i} on Query { version }`)}`,
    ],
    'fragments that double': [
      'fragments',
      `{ ...f0 } ${repeat(200, (i) => `fragment f${i} on Query { ...f${i + 1} ...f${i + 1} version }`)} fragment f200 on Query { version }`,
    ],
    'a document of empty lines': ['lines', `${'\n'.repeat(5_000)}{ version }`],
    'a long text': ['characters', `{ version } # ${'x'.repeat(200_000)}`],
  };
  for (const [what, [limit, query, variables]] of Object.entries(hostile)) {
    it(`refuse ${what}, naming the limit, its value and the operation’s, with a code that is no invitation`, async () => {
      const answer = await gateway.ask(query, variables ? { variables } : {});
      const extensions = limitOf(answer);
      expect(extensions, answer.text.slice(0, 300)).to.include({ limit, kind: 'invalid' });
      expect(extensions?.code).to.equal(limit === 'cost' ? 'GRAPHQL_COST_LIMIT' : 'GRAPHQL_LIMIT');
      expect(extensions?.value).to.be.above(extensions?.max as number);
      expect(extensions).not.to.have.property('retryAfterSeconds');
      expect(answer.errors?.[0]?.message).to.contain(String(extensions?.max));
      expect(answer.data).to.equal(undefined);
    });
  }

  it('let a plain field be repeated four hundred times, as generated documents do', async () => {
    const { errors, data } = await gateway.ask(`{ ${repeat(400, () => 'version')} }`);
    expect(errors).to.equal(undefined);
    expect(data).to.have.property('version');
  });

  it('count a list once, however its page is asked for', async () => {
    // 100 nodes and 100 edges of 60 fields each, not 100 × 10.
    const answer = await gateway.ask(
      `{ products(first: 100) { nodes { ${repeat(59, (i) => `a${i}: id`)} } edges { node { id } } } }`,
    );
    expect(answer.errors).to.equal(undefined);
  });
});

describe('Callers without a key', () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await openTestGateway(plugins);
  });
  after(() => gateway.close());

  it('are refused for next to nothing, whatever they send', async () => {
    const hint = 'Did you mean ';
    const texts: Readonly<Record<string, string>> = {
      'a long literal': `{ version shopper(context: "${hint.repeat(30_000)}") { known } }`,
      'a long literal of an open field': `{ __type(name: ["${hint.repeat(30_000)}"]) { name } }`,
      'unknown fields': `{ ${repeat(3_900, (i) => `x${i}`)} }`,
      'unknown fields of an open one': `{ __schema { ${repeat(900, (i) => `x${i}`)} } }`,
      'an operation of 600 recommendations': `{ ${repeat(90, (i) => `a${i}: shopper(context: ${context}) { known }`)} }`,
    };
    for (const [what, query] of Object.entries(texts)) {
      await gateway.ask(query, { role: null });
      const spent = await cpuMillis(async () => {
        for (let turn = 0; turn < 5; turn++) {
          const answer = await gateway.ask(query, { role: null });
          expect(answer.data, what).to.equal(undefined);
          expect(answer.text.length, what).to.be.below(10_000);
        }
      });
      expect(spent / 5, `${what}: CPU, the client’s included`).to.be.below(100);
    }
  });

  it('are told to send a key, and nothing about the fields that they asked for', async () => {
    const { errors } = await gateway.ask('{ shoper { known } }', { role: null });
    expect(errors?.map(({ extensions }) => extensions.code)).to.deep.equal(['AUTHENTICATION_KEY_MISSING']);
  });
});

describe('Hints at the schema', () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await openTestGateway(plugins);
  });
  after(() => gateway.close());

  it('are never given to storefronts, for literals and variables too', async () => {
    const faults: readonly (readonly [string, Record<string, unknown>?])[] = [
      ['{ categorie { id } }'],
      ['{ products(frist: 1) { totalCount } }'],
      ['{ shopper(context: { channel: WEBB }) { known } }'],
      ['query ($c: ShopperContext!) { shopper(context: $c) { known } }', { c: { channel: 'WEBB' } }],
      [
        'query ($c: ShopperContext!) { shopper(context: $c) { known } }',
        { c: { channel: 'WEB', storId: 'x' } },
      ],
      ['query ($c: Channel!) { shopper(context: { channel: $c }) { known } }', { c: 'WEBB' }],
    ];
    for (const [query, variables] of faults) {
      for (let turn = 0; turn < 5; turn++) {
        const answer = await gateway.ask(query, variables ? { variables } : {});
        expect(answer.errors).to.have.length.above(0);
        expect(answer.text, query).not.to.contain('Did you mean');
      }
    }
  });
});

describe('Documents that were seen before', () => {
  it('are kept if they are valid and came with a key, and no others', async () => {
    const system = await bootPlugins([]);
    try {
      const documents = createDocuments(buildGraph(join(projectDirectory(), 'schema'), []));
      const known = { isKnown: true, seesSchema: false };
      const stranger = { isKnown: false, seesSchema: false };
      const invalid = Array.from({ length: 5 }, (_, n) => `{ ${repeat(3_900, (i) => `x${n}_${i}`)} }`);
      for (const text of invalid) {
        expect(documents.prepare(text, known).errors).to.have.lengthOf(5);
        expect(documents.known(text)).to.equal(undefined);
      }
      documents.prepare('{ version }', stranger);
      expect(documents.known('{ version }')).to.equal(undefined);
      const kept = documents.prepare('{ version }', known);
      expect(documents.known('{ version }')).to.equal(kept);
      // Each takes 300 KB of memory, so that about 200 fit.
      const long = repeat(60, (i) => `a${i}: __type(name: "Query") { name kind }`);
      for (let n = 0; n < 250; n++) documents.prepare(`{ ${long} #${n}\n}`, known);
      expect(documents.known('{ version }')).to.equal(undefined);
    } finally {
      await system.close();
    }
  });
});
