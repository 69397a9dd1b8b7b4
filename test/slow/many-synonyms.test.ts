import { expect } from 'chai';
import { plugins } from '../../plugins/index.js';
import { openTestGateway, type TestGateway } from '../support/gateway.js';

describe('Ten thousand synonyms', () => {
  let shop: TestGateway;
  const ask = (query: string, variables: Record<string, unknown> = {}) =>
    shop.ask(query, { role: 'MERCHANDISER', variables });
  beforeEach(async () => {
    shop = await openTestGateway(plugins);
  });
  afterEach(() => shop.close());

  it('are imported, and one more takes no longer than the first', async () => {
    const text = Array.from({ length: 9_990 }, (_, i) => `alpha${i} beta, gamma${i}, delta ${i}x`).join('\n');
    const cpuMs = async (work: () => Promise<unknown>): Promise<number> => {
      const from = process.cpuUsage();
      await work();
      const { user, system } = process.cpuUsage(from);
      return (user + system) / 1_000;
    };
    const search = () =>
      shop.ask('{ shopper(context: { channel: WEB }) { search(query: "sofa") { total } } }');
    const save = (n: number) =>
      ask(`mutation { saveSynonym(synonym: { terms: ["q${n}", "r${n}"] }) { synonym { id } } }`);
    await save(0);
    await search();
    const few = await cpuMs(async () => {
      for (const n of [1, 2, 3]) {
        await save(n);
        await search();
      }
    });
    const imported = await ask(
      'mutation ($text: String!) { importSynonyms(format: SOLR, text: $text) { saved } }',
      { text },
    );
    expect(imported.at('importSynonyms.saved')).to.equal(9_990);
    await search();
    const many = await cpuMs(async () => {
      for (const n of [4, 5, 6]) {
        await save(n);
        await search();
      }
    });
    // Saving was quadratic: 30 ms each, and 120 ms in the next search.
    expect(many - few).to.be.below(150);
  });
});
