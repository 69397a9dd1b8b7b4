import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { SearchDocument, SearchDriver } from '../../plugins/search/driver.js';
import * as embedded from '../../plugins/search/drivers/embedded.js';
import { createHost, createIds } from '../../src/host.js';
import type { Product } from '../../src/ports/catalog.js';
import { productOf, queryOf } from '../contracts/search.js';
import { createRandom, createTestClock, createTestLog } from '../support/boot.js';

const words = ['red', 'blue', 'lamp', 'desk', 'chair', 'sofa', 'small', 'large', 'oak', 'steel'];
const queries = ['lamp', 'oak desk', 'sfoa', 'large red', 'ch', 'new', 'gone'];
const count = 5_200;

describe('what the embedded search engine keeps of texts', () => {
  let directory: string;
  const random = createRandom(3);
  const title = (): string =>
    Array.from({ length: 4 }, () => words[Math.floor(random() * words.length)]!).join(' ');
  const products: Product[] = Array.from({ length: count }, (_, i) => ({
    ...productOf(`p${i}`, title()),
    description: title(),
    translations: i % 50 === 0 ? { de: { title: `Lampe ${i}` } } : {},
  }));

  async function opened(dataDir: string): Promise<SearchDriver & { close(): Promise<void> }> {
    const clock = createTestClock();
    const host = createHost({
      clock,
      ids: createIds(clock),
      random: () => 0.5,
      log: createTestLog(),
      dataDir,
    });
    const driver = await embedded.open(embedded.settings.parse({}), host);
    driver.connect({ inStock: () => true, lineage: (id) => [id], categoryName: (id) => id });
    driver.setSynonyms([]);
    return driver;
  }
  async function filled(dataDir: string, all: readonly Product[]): Promise<unknown> {
    const driver = await opened(dataDir);
    async function* pages(): AsyncGenerator<readonly SearchDocument[]> {
      for (let i = 0; i < all.length; i += 1_000)
        yield all.slice(i, i + 1_000).map((product) => ({ product, categories: [], stock: {} }));
    }
    await driver.fill(pages());
    const answers = [];
    for (const text of queries)
      for (const locale of ['en', 'de']) answers.push(await driver.search(queryOf(text, { locale })));
    // Waits for what is written.
    await driver.close();
    return answers;
  }
  const file = (): string => join(directory, 'search', 'texts');

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'search-texts-'));
  });
  after(() => rm(directory, { recursive: true }));

  it('gives the same answers after a start from it', async () => {
    const before = await filled(directory, products);
    expect(await readdir(join(directory, 'search'))).to.deep.equal(['texts']);
    expect(await filled(directory, products)).to.deep.equal(before);
  });

  it('knows what has changed, come and gone since', async () => {
    const changed = products.flatMap((product, i) => {
      if (i % 100 === 0) return [{ ...product, title: `new ${product.title}` }];
      return i % 100 === 1 ? [] : [product];
    });
    changed.push(productOf('later', 'new gone lamp'));
    const driver = await opened(directory);
    async function* pages(): AsyncGenerator<readonly SearchDocument[]> {
      yield changed.map((product) => ({ product, categories: [], stock: {} }));
    }
    expect(await driver.fill(pages())).to.equal(changed.length);
    const { total } = await driver.search(queryOf('new'));
    expect(total).to.equal(changed.filter((product) => product.title.startsWith('new')).length);
    const lamps = await driver.search(queryOf('lamp', { limit: 1 }));
    const has = ({ title, description }: Product): boolean => `${title} ${description}`.includes('lamp');
    expect(lamps.total).to.equal(changed.filter(has).length);
    await driver.close();
  });

  it('reads all anew from a file that is cut or was changed', async () => {
    await rm(file());
    const answers = await filled(directory, products);
    const whole = await readFile(file());
    for (const spoilt of [whole.subarray(0, whole.length / 2), Buffer.from('nothing'), flipped(whole)]) {
      await writeFile(file(), spoilt);
      expect(await filled(directory, products)).to.deep.equal(answers);
      expect((await readFile(file())).equals(whole)).to.equal(true);
    }
  });
});

function flipped(bytes: Buffer): Buffer {
  const other = Buffer.from(bytes);
  other[Math.floor(other.length / 2)]! ^= 1;
  return other;
}
