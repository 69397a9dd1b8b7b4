import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { StoredTexts } from '../../plugins/search/drivers/embedded/snapshot.js';
import * as embedded from '../../plugins/search/drivers/embedded.js';
import { createHost, createIds } from '../../src/host.js';
import { readArrayFile, writeArrayFile } from '../../src/kit/array-file.js';
import type { Log } from '../../src/plugin.js';
import type { Product } from '../../src/ports/catalog.js';
import type { SearchDocument, SearchDriver } from '../../src/ports/search-driver.js';
import { productOf, queryOf } from '../contracts/search.js';
import { createRandom, createTestClock, createTestLog } from '../support/boot.js';
import { allInStock } from '../support/live-catalog.js';

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

  async function opened(
    dataDir: string,
    log: Log = createTestLog(),
  ): Promise<SearchDriver & { close(): Promise<void> }> {
    const clock = createTestClock();
    const host = createHost({
      clock,
      ids: createIds(clock),
      random: () => 0.5,
      log,
      dataDir,
    });
    const driver = await embedded.open(embedded.settings.parse({}), host);
    driver.connect(allInStock);
    driver.setSynonyms([]);
    return driver;
  }
  async function filled(dataDir: string, all: readonly Product[], log?: Log): Promise<unknown> {
    const driver = await opened(dataDir, log);
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

  it('holds what was saved shortly before an orderly stop', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'search-imported-'));
    const driver = await opened(dataDir);
    async function* noPages(): AsyncGenerator<readonly SearchDocument[]> {}
    await driver.fill(noPages());
    await driver.put(products.map((product) => ({ product, categories: [], stock: {} })));
    await driver.close();
    const stored = (await readArrayFile(
      join(dataDir, 'search', 'texts'),
      async () => {},
    )) as StoredTexts | null;
    expect(stored?.engine.own.current.filter((segment) => segment !== 0)).to.have.lengthOf(count);
    await rm(dataDir, { recursive: true });
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

  it('starts, and says which file is discarded, when one bit of its header was changed', async () => {
    await rm(file());
    const answers = await filled(directory, products);
    const whole = await readFile(file());
    for (const at of [3, 21, 24, 25, 60]) {
      const log = createTestLog();
      await writeFile(file(), flipped(whole, at));
      expect(await filled(directory, products, log)).to.deep.equal(answers);
      const warned = log.lines.filter(({ level }) => level === 'warn');
      expect(warned.map(({ fields }) => fields.file)).to.deep.equal([file()]);
    }
  });

  it('is for its owner only, whatever the umask', async () => {
    const before = process.umask(0);
    try {
      await rm(join(directory, 'search'), { recursive: true });
      await filled(directory, products);
    } finally {
      process.umask(before);
    }
    expect((await stat(file())).mode & 0o777).to.equal(0o600);
  });

  it('is the same or refused, whichever bit was changed and wherever it ends', async () => {
    const path = join(directory, 'small');
    const stored = {
      form: 'f',
      worn: 3,
      words: ['a', 'bb'],
      numbers: Uint32Array.of(1, 2, 3),
      nested: [{ n: 1 }],
    };
    await writeArrayFile(path, `${path}-new`, stored);
    const whole = await readFile(path);
    const changed = Array.from({ length: whole.length * 8 }, (_, bit) => flipped(whole, bit >> 3, bit & 7));
    const cut = Array.from({ length: whole.length }, (_, length) => whole.subarray(0, length));
    for (const bytes of [...changed, ...cut]) {
      await writeFile(path, bytes);
      const read = await readArrayFile(path, async () => undefined).catch(() => null);
      if (read !== null) expect(read).to.deep.equal(stored);
    }
  });
});

function flipped(bytes: Buffer, at = Math.floor(bytes.length / 2), bit = 0): Buffer {
  const other = Buffer.from(bytes);
  other[at]! ^= 1 << bit;
  return other;
}
