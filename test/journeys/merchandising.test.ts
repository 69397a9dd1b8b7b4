import { expect } from 'chai';
import { plugins } from '../../plugins/index.js';
import { type Answer, openTestGateway, type TestGateway } from '../support/gateway.js';

/** A table of each of six brands; the newest lead. */
const products = Array.from({ length: 12 }, (_, i) => ({
  id: `p${String(i + 1).padStart(2, '0')}`,
  title: i < 8 ? `Oak Table ${i + 1}` : `Pine Chair ${i + 1}`,
  brand: i % 2 ? 'Birch' : 'Alder',
  categoryIds: [i < 8 ? 'tables' : 'chairs'],
  prices: [{ currency: 'EUR', amount: '10' }],
}));

interface Payload {
  readonly rule: { readonly id: string } | null;
  readonly warnings: readonly string[];
  readonly userErrors: readonly { readonly message: string; readonly path: readonly string[] }[];
}

describe('Merchandising rules', () => {
  let shop: TestGateway;
  const asMerchandiser = (query: string, variables: Record<string, unknown> = {}) =>
    shop.ask(query, { role: 'MERCHANDISER', variables });

  async function save(rule: Readonly<Record<string, unknown>>): Promise<Payload> {
    const answer = await asMerchandiser(
      `mutation ($rule: MerchandisingRuleInput!) {
        saveMerchandisingRule(rule: $rule) { rule { id } warnings userErrors { message path } }
      }`,
      { rule: { name: 'A rule', ...rule } },
    );
    expect(answer.errors, JSON.stringify(answer.errors)).to.equal(undefined);
    return answer.at('saveMerchandisingRule') as Payload;
  }

  async function publish(force = false): Promise<Answer> {
    return asMerchandiser(
      `mutation ($force: Boolean) { publishDraft(note: "for the test", force: $force) {
        revision { number note author rules changes { ruleId before { id } after { id } } }
        refused { reason message figure } userErrors { code message } } }`,
      { force },
    );
  }

  async function search(
    query: string,
    context = 'channel: WEB',
    role: 'STOREFRONT' | 'MERCHANDISER' = 'STOREFRONT',
  ) {
    const answer = await shop.ask(
      `query ($query: String!) { shopper(context: { ${context} }) { search(query: $query) {
        total redirect appliedRules products(first: 20) { nodes { id } } } } }`,
      { role, variables: { query } },
    );
    expect(answer.errors, JSON.stringify(answer.errors)).to.equal(undefined);
    const { products: found, ...result } = answer.at('shopper.search') as {
      readonly total: number;
      readonly redirect: string | null;
      readonly appliedRules: readonly string[];
      readonly products: { readonly nodes: readonly { readonly id: string }[] };
    };
    return { ...result, ids: found.nodes.map(({ id }) => id) };
  }

  async function home(context = 'channel: WEB', role: 'STOREFRONT' | 'MERCHANDISER' = 'STOREFRONT') {
    const answer = await shop.ask(
      `{ shopper(context: { ${context} }) { recommendations(placement: "home", first: 12) { items { product { id } } } } }`,
      { role },
    );
    const items = answer.at('shopper.recommendations.items') as {
      readonly product: { readonly id: string };
    }[];
    return items.map(({ product }) => product.id);
  }

  beforeEach(async () => {
    shop = await openTestGateway(plugins, {
      environment: { RAPPORT_SEARCH_PEOPLE_MIN: '1', RAPPORT_CONSENT_MODE: 'opt-out' },
    });
    await shop.system.port('catalog').save(products);
  });
  afterEach(() => shop.close());

  it('hold in no channel until they are published, and then in search, listings and recommendations', async () => {
    const before = await home();
    const last = before.at(-1)!;
    const { rule } = await save({ then: [{ pin: { productId: last, position: 1 } }] });
    expect(await home()).to.deep.equal(before);
    expect((await home('channel: WEB, draft: true', 'MERCHANDISER'))[0]).to.equal(last);
    const published = await publish();
    expect(published.at('publishDraft.refused')).to.equal(null);
    expect(published.at('publishDraft.revision')).to.deep.include({
      number: 1,
      note: 'for the test',
      rules: 1,
    });
    expect(published.at('publishDraft.revision.changes')).to.deep.equal([
      { ruleId: rule!.id, before: null, after: { id: rule!.id } },
    ]);
    for (const channel of ['WEB', 'APP', 'KIOSK', 'VOICE'])
      expect((await home(`channel: ${channel}`))[0]).to.equal(last);
    const found = await search(last < 'p09' ? 'table' : 'chair');
    expect(found.ids[0]).to.equal(last);
    expect(found.appliedRules).to.deep.equal([rule!.id]);
    const listed = await shop.ask('{ products(first: 1) { nodes { id } } }');
    expect(listed.at('products.nodes.0.id')).to.equal(last);
    expect(
      (await asMerchandiser('{ merchandisingDraft { changes { ruleId } } }')).at(
        'merchandisingDraft.changes',
      ),
    ).to.deep.equal([]);
  });

  it('hold for the shoppers of a segment, as long as they are in it and permit it', async () => {
    const segment = { id: 'fans', name: 'Fans', condition: { event: 'PRODUCT_VIEWED', brands: ['Alder'] } };
    await asMerchandiser(
      'mutation ($segment: SegmentInput!) { saveSegment(segment: $segment) { userErrors { message } } }',
      { segment },
    );
    const hide = [{ hide: { filter: { ids: ['p01'] } } }];
    expect(await save({ when: { segmentId: 'fans' }, then: hide })).to.deep.include({ warnings: [] });
    const unknown = await save({
      when: { segmentId: 'none' },
      then: [{ hide: { filter: { ids: ['p02'] } } }],
    });
    expect(unknown.warnings).to.deep.equal(['there is no segment none']);
    await publish(true);
    const mine = 'channel: WEB, sessionId: "fan"';
    const lists = async (context: string) => {
      const [listed, { ids }] = [await home(context), await search('oak', context)];
      return [listed, ids].map((each) => ['p01', 'p02'].filter((id) => each.includes(id)).join());
    };
    const decide = (status: string) =>
      shop.ask(
        `mutation { setConsent(context: { ${mine} }, decisions: [{ purpose: PERSONALIZATION, status: ${status} }]) { userErrors { message } } }`,
      );
    expect(await lists(mine)).to.deep.equal(['p01,p02', 'p01,p02']);
    await shop.ask(
      `mutation { recordEvents(context: { ${mine} }, events: [{ messageId: "1", type: PRODUCT_VIEWED, productIds: ["p03"] }]) { accepted } }`,
    );
    expect(await lists(mine)).to.deep.equal(['p02', 'p02']);
    expect(await lists('channel: WEB, sessionId: "other"')).to.deep.equal(['p01,p02', 'p01,p02']);
    const listing = await shop.ask('{ products(first: 20) { nodes { id } } }');
    expect(listing.text, 'a listing for everybody').to.include('"p01"');
    await decide('DENIED');
    expect(await lists(mine)).to.deep.equal(['p01,p02', 'p01,p02']);
  });

  it('hold for the searches, categories, placements, channels, stores, languages and moments that they name', async () => {
    const hide = (id: string) => [{ hide: { filter: { ids: [id] } } }];
    await save({ when: { query: { match: 'EXACT', text: 'Oak  TABLE' } }, then: hide('p01') });
    await save({ when: { query: { match: 'CONTAINS', text: 'table' } }, then: hide('p02') });
    await save({ when: { channels: ['KIOSK'] }, then: hide('p03') });
    await save({ when: { storeIds: ['berne'] }, then: hide('p04') });
    await save({ when: { locales: ['de'] }, then: hide('p05') });
    await save({ when: { placements: ['home'] }, then: hide('p06') });
    await save({ when: { query: { match: 'ANY' }, categoryId: 'tables' }, then: hide('p07') });
    await save({ enabled: false, then: hide('p08') });
    const all = ['p01', 'p02', 'p03', 'p04', 'p05', 'p06', 'p07', 'p08'];
    const without = (...ids: string[]) => all.filter((id) => !ids.includes(id));
    expect((await publish(true)).at('publishDraft.revision.number')).to.equal(1);
    expect((await search('oak table')).ids).to.have.members(without('p01', 'p02'));
    expect((await search('tables')).ids).to.have.members(all);
    expect((await search('oak')).ids).to.have.members(all);
    expect((await search('oak', 'channel: KIOSK')).ids).to.have.members(without('p03'));
    expect((await search('oak', 'channel: WEB, storeId: "berne"')).ids).to.have.members(without('p04'));
    expect((await search('oak', 'channel: WEB, locale: "de-CH"')).ids).to.have.members(without('p05'));
    const listed = await home();
    expect(listed).to.include('p01');
    expect(listed).not.to.include('p06');
    const inCategory = await shop.ask(
      `{ shopper(context: { channel: WEB }) { search(query: "oak", filter: { categoryId: "tables" }) { products(first: 20) { nodes { id } } } } }`,
    );
    expect(inCategory.at('shopper.search.products.nodes')).to.have.deep.members(
      without('p07').map((id) => ({ id })),
    );
  });

  it('begin and end at their moments, which a preview can look at', async () => {
    const startMs = shop.system.clock.nowMs() + 60_000;
    const [from, until] = [new Date(startMs).toISOString(), new Date(startMs + 1_000).toISOString()];
    await save({
      when: { query: { match: 'ANY' }, from, until },
      then: [{ filter: { filter: { brands: ['Alder'] } } }],
    });
    await publish(true);
    expect((await search('oak')).total).to.equal(8);
    const preview = await asMerchandiser(
      `query ($at: DateTime) { previewSearch(query: "oak", context: { channel: WEB }, at: $at, draft: false) { total products { brand } } }`,
      { at: from },
    );
    expect(preview.at('previewSearch.total')).to.equal(4);
    shop.system.clock.advance(60_000);
    expect((await search('oak')).total).to.equal(4);
    shop.system.clock.advance(1_000);
    expect((await search('oak')).total).to.equal(8);
  });

  it('lead a search to a page', async () => {
    const { rule } = await save({
      when: { query: { match: 'EXACT', text: 'returns' } },
      then: [{ redirect: { url: '/help/returns' } }],
    });
    await publish(true);
    expect(await search('Returns'))
      .to.include({ redirect: '/help/returns', total: 0 })
      .and.to.deep.include({ appliedRules: [rule!.id] });
    expect(await search('return')).to.include({ redirect: null });
  });

  it('are refused whole, with the value and what is allowed, and warn of what does not exist', async () => {
    const refused = await save({
      when: {
        query: { match: 'EXACT', text: ' - ' },
        from: '2030-01-02T00:00:00Z',
        until: '2030-01-01T00:00:00Z',
      },
      then: [
        { redirect: { url: '/\\evil.example' } },
        { boost: { filter: { brands: ['Alder'] }, factor: 0.5 } },
      ],
    });
    expect(refused.rule).to.equal(null);
    expect(refused.userErrors.map(({ path }) => path.join('.'))).to.deep.equal([
      'rule.then.0.redirect.url',
      'rule.then.1.boost.factor',
    ]);
    expect(refused.userErrors[1]!.message).to.include('0.5');
    const faults = await save({
      when: {
        query: { match: 'EXACT', text: ' - ' },
        from: '2030-01-02T00:00:00Z',
        until: '2030-01-01T00:00:00Z',
      },
      then: [{ hide: { filter: { ids: ['p01'] } } }],
    });
    expect(faults.userErrors.map(({ path }) => path.join('.'))).to.deep.equal([
      'rule.when.query.text',
      'rule.when.until',
    ]);
    const unknown = await save({
      when: { categoryId: 'nowhere' },
      then: [{ pin: { productId: 'nothing', position: 1 } }],
    });
    expect(unknown.warnings).to.deep.equal(['there is no product nothing', 'there is no category nowhere']);
    const other = await save({ id: 'unknown', then: [{ hide: { filter: { ids: ['p01'] } } }] });
    expect(other.userErrors[0]!.message).to.include('there is no rule "unknown"');
  });

  it('go back to a revision', async () => {
    const saved = await save({ then: [{ hide: { filter: { brands: ['Alder'] } } }] });
    await publish(true);
    await asMerchandiser(`mutation { removeMerchandisingRule(id: "${saved.rule!.id}") { removedId } }`);
    await save({ then: [{ hide: { filter: { ids: ['p02'] } } }] });
    await publish(true);
    expect((await search('oak')).total).to.equal(7);
    const back = await asMerchandiser(
      'mutation { rollbackTo(revision: 1) { revision { number restores rules } userErrors { message } } }',
    );
    expect(back.at('rollbackTo.revision')).to.deep.equal({ number: 3, restores: 1, rules: 2 });
    expect((await search('oak')).total).to.equal(4);
    await asMerchandiser('mutation { rollbackTo(revision: 0) { revision { number } } }');
    expect((await search('oak')).total).to.equal(8);
    const unknown = await asMerchandiser('mutation { rollbackTo(revision: 9) { userErrors { message } } }');
    expect(unknown.at('rollbackTo.userErrors.0.message'))
      .to.include('there is no revision 9')
      .and.to.include('0 to 3');
    const listed = await asMerchandiser('{ revisions(first: 2) { number restores } }');
    expect(listed.at('revisions')).to.deep.equal([
      { number: 4, restores: 0 },
      { number: 3, restores: 1 },
    ]);
  });

  it('are published only if frequent searches still find something, unless that is forced', async () => {
    await search('oak table', 'channel: WEB, sessionId: "a"');
    shop.system.clock.advance(120_000);
    await search('oak table', 'channel: WEB, sessionId: "a"');
    await save({ when: { query: { match: 'ANY' } }, then: [{ filter: { filter: { ids: ['p12'] } } }] });
    const report = await asMerchandiser(
      '{ replayDraft { queries searches zeroResultsNew overlapAt10 rbo worst { query before { id } after { id } } } }',
    );
    expect(report.errors, JSON.stringify(report.errors)).to.equal(undefined);
    expect(report.at('replayDraft')).to.deep.include({
      queries: 1,
      zeroResultsNew: report.at('replayDraft.searches'),
      overlapAt10: 0,
      rbo: 0,
    });
    expect(report.at('replayDraft.worst.0.query')).to.equal('oak table');
    const refused = await publish();
    expect(refused.at('publishDraft.refused')).to.include({ reason: 'ZERO_RESULTS', figure: 1 });
    expect((await search('oak table')).total).to.equal(8);
    const forced = await publish(true);
    expect(forced.at('publishDraft.revision.number')).to.equal(1);
    expect((await search('oak table')).total).to.equal(0);
  });

  it('can be previewed by nobody but a merchandiser', async () => {
    const answer = await shop.ask('{ shopper(context: { channel: WEB, draft: true }) { sessionId } }');
    expect(answer.errors?.[0]?.extensions.code).to.equal('CONTEXT_DRAFT');
  });
});
