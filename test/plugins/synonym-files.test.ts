import { expect } from 'chai';
import { plugins } from '../../plugins/index.js';
import type { SynonymFormat } from '../../src/ports/merchandising.js';
import { openTestGateway, type TestGateway } from '../support/gateway.js';

interface Imported {
  readonly saved: number;
  readonly unchanged: number;
  readonly losses: readonly { readonly line: number; readonly message: string }[];
}

describe('Files of synonyms', () => {
  let shop: TestGateway;
  const ask = (query: string, variables: Record<string, unknown> = {}) =>
    shop.ask(query, { role: 'MERCHANDISER', variables });

  async function load(format: SynonymFormat, text: string): Promise<Imported> {
    const answer = await ask(
      `mutation ($format: SynonymFormat!, $text: String!) {
        importSynonyms(format: $format, text: $text) { saved unchanged losses { line message } } }`,
      { format, text },
    );
    expect(answer.errors, JSON.stringify(answer.errors)).to.equal(undefined);
    return answer.at('importSynonyms') as Imported;
  }
  async function saved(): Promise<readonly object[]> {
    const answer = await ask('{ synonyms { kind locale input terms } }');
    return answer.at('synonyms') as object[];
  }
  async function written(format: SynonymFormat) {
    const answer = await ask(
      'query ($format: SynonymFormat!) { exportSynonyms(format: $format) { text losses { line message } } }',
      { format },
    );
    return answer.at('exportSynonyms') as { readonly text: string; readonly losses: Imported['losses'] };
  }

  beforeEach(async () => {
    shop = await openTestGateway(plugins);
  });
  afterEach(() => shop.close());

  it('of Solr: equal terms, additions, replacements, escaped signs, comments', async () => {
    const text = [
      '# furniture',
      'sofa, couch,settee',
      'telly => telly, television',
      'i-pod, i pod => ipod',
      'sea biscuit, sea biscit => seabiscuit, biscuit',
      'a\\,b, c\\=d',
      'lonely',
      'x => y => z',
    ].join('\r\n');
    const { saved: count, losses } = await load('SOLR', text);
    expect(await saved()).to.have.deep.members([
      { kind: 'MULTI_WAY', locale: '*', input: null, terms: ['sofa', 'couch', 'settee'] },
      { kind: 'ONE_WAY', locale: '*', input: 'telly', terms: ['television'] },
      { kind: 'REPLACE', locale: '*', input: 'i-pod', terms: ['ipod'] },
      { kind: 'ONE_WAY', locale: '*', input: 'sea biscuit', terms: ['seabiscuit', 'biscuit'] },
      { kind: 'ONE_WAY', locale: '*', input: 'sea biscit', terms: ['seabiscuit', 'biscuit'] },
      { kind: 'MULTI_WAY', locale: '*', input: null, terms: ['a,b', 'c=d'] },
    ]);
    expect(count).to.equal(6);
    // "i pod" means the same as "i-pod".
    expect(losses.map(({ line }) => line)).to.deep.equal([4, 5, 5, 7, 8]);
    expect(losses[3]!.message).to.include('needs 2 to 50 terms, not 1');
    expect(await load('ELASTICSEARCH', 'couch, sofa, settee')).to.deep.equal({
      saved: 0,
      unchanged: 1,
      losses: [],
    });
  });

  it('of Algolia: equal, one way, corrections, and what is left out', async () => {
    const { losses } = await load(
      'ALGOLIA',
      JSON.stringify([
        { objectID: '1', type: 'synonym', synonyms: ['pants', 'trousers'] },
        { objectID: '2', type: 'oneWaySynonym', input: 'tablet', synonyms: ['ipad'] },
        { objectID: '3', type: 'altCorrection1', word: 'smartphone', corrections: ['ifone'] },
        { objectID: '4', type: 'placeholder', placeholder: '<street>', replacements: ['street'] },
      ]),
    );
    expect(await saved()).to.have.deep.members([
      { kind: 'MULTI_WAY', locale: '*', input: null, terms: ['pants', 'trousers'] },
      { kind: 'ONE_WAY', locale: '*', input: 'tablet', terms: ['ipad'] },
      { kind: 'ONE_WAY', locale: '*', input: 'smartphone', terms: ['ifone'] },
    ]);
    expect(losses.map(({ line }) => line)).to.deep.equal([3, 4]);
  });

  it('come back as they were written, but for the losses that are named', async () => {
    const all = [
      { kind: 'MULTI_WAY', locale: '*', terms: ['a, b', 'c\\d', '"e"', '#f'] },
      { kind: 'ONE_WAY', locale: '*', input: 'x = y', terms: ['z'] },
      { kind: 'REPLACE', locale: '*', input: 'old', terms: ['new'] },
      { kind: 'NEVER', locale: '*', terms: ['led', 'leder'] },
      { kind: 'MULTI_WAY', locale: 'de', terms: ['rad', 'fahrrad'] },
    ];
    const answer = await ask(
      'mutation ($all: [SynonymInput!]!) { saveSynonyms(synonyms: $all) { saved { id } userErrors { message } } }',
      { all },
    );
    expect(answer.at('saveSynonyms.userErrors')).to.deep.equal([]);
    const before = await saved();
    for (const [format, lost] of [
      ['CSV', 0],
      ['SOLR', 2],
      ['ELASTICSEARCH', 2],
      ['ALGOLIA', 3],
    ] as const) {
      const { text, losses } = await written(format);
      expect(losses.length, format).to.equal(lost);
      const { synonyms } = (await ask('{ synonyms { id } }')).data as {
        readonly synonyms: readonly { readonly id: string }[];
      };
      for (const { id } of synonyms) await ask(`mutation { removeSynonym(id: "${id}") { removedId } }`);
      await load(format, text);
      const after = await saved();
      if (format === 'CSV') expect(after).to.have.deep.members(before);
      else expect(after.length, format).to.equal(4);
      for (const { id } of (
        (await ask('{ synonyms { id } }')).data as typeof answer.data & {
          readonly synonyms: readonly { readonly id: string }[];
        }
      ).synonyms)
        await ask(`mutation { removeSynonym(id: "${id}") { removedId } }`);
      await ask('mutation ($all: [SynonymInput!]!) { saveSynonyms(synonyms: $all) { saved { id } } }', {
        all,
      });
    }
  });

  it('that are no such files are refused whole', async () => {
    const wrong = async (format: SynonymFormat, text: string) => {
      const answer = await ask(
        'mutation ($format: SynonymFormat!, $text: String!) { importSynonyms(format: $format, text: $text) { saved } }',
        { format, text },
      );
      return answer.errors?.[0]?.message;
    };
    expect(await wrong('ALGOLIA', '<html>')).to.include('this is not JSON');
    expect(await wrong('ALGOLIA', '[{ "type": 7 }]')).to.include('must be text, not 7');
    expect(await wrong('CSV', 'name,price\nsofa,12\n'))
      .to.include('no column "terms"')
      .and.to.include('name, price');
    expect(await saved()).to.deep.equal([]);
  });
});

describe('Synonyms that replace words, and words that never stand for each other', () => {
  let shop: TestGateway;
  async function found(query: string, more = '') {
    const answer = await shop.ask(
      `query ($query: String!) { shopper(context: { channel: WEB, locale: "de" }) { search(query: $query ${more}) {
        appliedSynonyms correctedQuery products(first: 20) { nodes { id } } } } }`,
      { variables: { query } },
    );
    const { products, ...rest } = answer.at('shopper.search') as {
      readonly appliedSynonyms: readonly string[];
      readonly correctedQuery: string | null;
      readonly products: { readonly nodes: readonly { readonly id: string }[] };
    };
    return { ...rest, ids: products.nodes.map(({ id }) => id).sort() };
  }
  const save = async (synonym: object) => {
    const answer = await shop.ask(
      'mutation ($synonym: SynonymInput!) { saveSynonym(synonym: $synonym) { userErrors { message } } }',
      {
        role: 'MERCHANDISER',
        variables: { synonym },
      },
    );
    expect(answer.at('saveSynonym.userErrors')).to.deep.equal([]);
  };

  beforeEach(async () => {
    shop = await openTestGateway(plugins);
    await shop.system.port('catalog').save(
      [
        ['p1', 'Handy Halter'],
        ['p2', 'Smartphone Halter'],
        ['p3', 'Lampe aus Holz'],
        ['p4', 'Rampe aus Holz'],
      ].map(([id, title]) => ({
        id,
        title,
        prices: [{ currency: 'EUR', amount: '10' }],
      })),
    );
  });
  afterEach(() => shop.close());

  it('REPLACE searches for the one term instead, but not in a search as written', async () => {
    await save({ kind: 'REPLACE', input: 'handy', terms: ['smartphone'], locale: 'de' });
    expect(await found('Händy Halter')).to.deep.include({ ids: ['p2'], appliedSynonyms: ['smartphone'] });
    expect((await found('handy halter', 'searchAsWritten: true')).ids).to.deep.equal(['p1']);
  });

  it('NEVER keeps a correction away', async () => {
    await shop.system.port('catalog').remove(['p4']);
    expect(await found('rampe')).to.deep.include({ ids: ['p3'], correctedQuery: 'Lampe' });
    await save({ kind: 'NEVER', terms: ['rampe', 'lampe'], locale: 'de' });
    expect(await found('rampe')).to.deep.include({ ids: [], correctedQuery: null });
  });

  it('NEVER keeps another synonym away, until it is removed', async () => {
    await save({ terms: ['lampe', 'rampe', 'smartphone'] });
    expect((await found('lampe')).ids).to.deep.equal(['p2', 'p3', 'p4']);
    await save({ kind: 'NEVER', terms: ['rampe', 'lampe'] });
    expect((await found('lampe')).ids).to.deep.equal(['p2', 'p3']);
    const [never] = shop.system
      .port('merchandising')
      .allSynonyms()
      .filter(({ kind }) => kind === 'NEVER');
    await shop.system.port('merchandising').removeSynonym(never!.id);
    expect((await found('lampe')).ids).to.deep.equal(['p2', 'p3', 'p4']);
  });
});
