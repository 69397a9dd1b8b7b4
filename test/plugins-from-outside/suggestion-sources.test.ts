import { expect } from 'chai';
import { definePlugin, type Plugin } from 'rapport/plugin.js';
import type { Suggestion, SuggestionSource } from 'rapport/ports/search.js';
import { openTestShop, type TestShop } from 'rapport/testing.js';
import { plugin as guides } from './guide-pages.js';
import { plugin as rules } from './merchandising-rules.js';

/** p01 to p06 are of Alder, the others of Birch. */
const products = Array.from({ length: 12 }, (_, i) => ({
  id: `p${String(i + 1).padStart(2, '0')}`,
  title: `Lamp number ${i + 1}`,
  brand: i < 6 ? 'Alder' : 'Birch',
  categoryIds: [i < 6 ? 'desk' : 'floor'],
}));

function contributing(name: string, source: SuggestionSource): Plugin {
  return definePlugin({
    name,
    provides: null,
    needs: [],
    create: () => ({ port: null, contributes: { suggestionSource: [source] } }),
  });
}

describe('Suggestions', () => {
  let shop: TestShop;
  async function openShop(...added: readonly Plugin[]): Promise<void> {
    shop = await openTestShop(added);
    await shop.system.port('catalog').save(products);
  }
  afterEach(() => shop.close());

  async function suggested(prefix: string) {
    const answer = await shop.ask(
      `{ shopper(context: { channel: WEB, sessionId: "s1" }) { suggest(prefix: "${prefix}", first: 20) { text kind id } } }`,
    );
    expect(answer.errors, JSON.stringify(answer.errors)).to.equal(undefined);
    const suggestions = answer.at('shopper.suggest') as readonly Suggestion[];
    return {
      suggestions,
      texts: suggestions.map(({ text }) => text),
      degraded: answer.extensions.rapport.degraded,
    };
  }

  async function hide(target: Readonly<Record<string, unknown>>): Promise<void> {
    const rule = { id: 'hidden', target, effect: 'hide' };
    const saved = await shop.ask('mutation ($rule: JSON!) { saveRankingRule(rule: $rule) }', {
      role: 'MERCHANDISER',
      variables: { rule },
    });
    expect(saved.errors).to.equal(undefined);
  }

  it('of a plugin from outside stand before others of their kind', async () => {
    await openShop(guides);
    const { suggestions, degraded } = await suggested('Lamp');
    expect(suggestions.slice(0, 2).map(({ text }) => text)).to.deep.equal([
      'lamp buying guide',
      'lamps for reading',
    ]);
    expect(suggestions.find(({ kind }) => kind === 'PRODUCT')).to.include({ id: 'p03' });
    expect(degraded).to.deep.equal([]);
    expect((await suggested('bir')).texts).to.not.include('lamp buying guide');
  });

  it('of a plugin name no product that shoppers cannot find', async () => {
    await openShop(guides, rules);
    await shop.system.port('catalog').save([{ ...products[6]!, status: 'DRAFT' }]);
    await hide({ ids: ['p03'] });
    const named = (await suggested('lamp')).suggestions.filter(({ kind }) => kind === 'PRODUCT');
    expect(named.map(({ id }) => id)).to.not.include.members(['p03']);
    expect(named.map(({ id }) => id)).to.not.include.members(['p07']);
    expect(named.length).to.be.greaterThan(0);
  });

  it('name no product, brand, category or word that a ranking rule hides', async () => {
    await openShop(rules);
    const before = (await suggested('lamp')).suggestions;
    expect(before.map(({ id }) => id)).to.include('p01');
    expect((await suggested('ald')).texts).to.include('Alder');
    await hide({ brands: ['Alder'] });
    const { suggestions } = await suggested('lamp');
    const ids = suggestions.flatMap(({ kind, id }) => (kind === 'PRODUCT' ? [id] : []));
    expect(ids).to.have.length.greaterThan(0);
    for (const id of ids) expect(id! > 'p06', id!).to.equal(true);
    expect((await suggested('ald')).suggestions).to.deep.equal([]);
    expect((await suggested('des')).suggestions).to.deep.equal([]);
    expect((await suggested('flo')).texts).to.include('Floor');
  });

  const broken: Readonly<Record<string, readonly [SuggestionSource['suggest'], RegExp]>> = {
    throws: [
      () => {
        throw new TypeError('undefined.x');
      },
      /undefined\.x/,
    ],
    'never answers': [() => new Promise(() => undefined), /took longer than 100 ms/],
    'has a kind that there is not': [
      () => [{ text: 'lamp', kind: 'PAGE', id: null } as unknown as Suggestion],
      /"broken source" returned the kind "PAGE"; allowed: QUERY, PRODUCT, CATEGORY, BRAND/,
    ],
    'names a product without its id': [
      () => [{ text: 'Lamp', kind: 'PRODUCT', id: null }],
      /returned the id null of a PRODUCT; its id is required/,
    ],
    'has a text that is too long': [
      () => [{ text: 'x'.repeat(101), kind: 'QUERY', id: null }],
      /returned the text "xxx.*; 1 to 100 characters are allowed/,
    ],
  };
  for (const [way, [suggest, message]] of Object.entries(broken)) {
    it(`leave out a source that ${way}: others are there, the answer is degraded, the log names the plugin`, async () => {
      await openShop(guides, contributing('broken', { name: 'broken source', suggest }));
      const asked = suggested('lamp');
      // The clock stands still: what hangs is late once it is moved on.
      while (way === 'never answers' && !shop.system.leftOut().some(({ times }) => times > 0)) {
        shop.system.clock.advance(100);
        await new Promise((resolve) => setImmediate(resolve));
      }
      const { texts, degraded } = await asked;
      expect(texts).to.include('lamp buying guide');
      expect(degraded).to.deep.equal(['search']);
      const line = shop.system.log.lines.find(({ fields }) => fields.plugin === 'broken')!;
      expect(line.message).to.equal('a contribution was left out');
      expect(line.fields.point).to.equal('suggestionSource');
      expect((line.fields.err as Error).message).to.match(message);
    });
  }
});
