import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { plugins } from '../../plugins/index.js';
import { store as storePlugin } from '../../plugins/store/plugin.js';
import { migrate } from '../../scripts/migrate/migrate.js';
import { declaredCollections, nameOf, openStore } from '../../scripts/migrate/stores.js';
import { boot } from '../../src/boot.js';
import { systemClock } from '../../src/host.js';
import type { CollectionSpec, Document } from '../../src/ports/store.js';
import { describeDrivers } from '../contracts/drivers.js';
import { createShopData, shopOf } from './shop-data.js';

let databases = 0;

describeDrivers('a migration', ['embedded', 'mongodb'], (driver, url) => {
  let directory: string;
  let source: string;
  let target: string;
  let specs: readonly CollectionSpec<Document>[];

  before(async function () {
    this.timeout(60_000);
    specs = await declaredCollections(plugins);
    directory = mkdtempSync(join(tmpdir(), 'rapport-migration-'));
    source = join(directory, 'source');
    await createShopData(source);
  });
  after(() => rmSync(directory, { recursive: true, force: true }));
  beforeEach(function () {
    this.currentTest!.timeout(60_000);
    const name = `migration-${process.pid}-${databases++}`;
    target =
      driver === 'embedded'
        ? join(directory, name)
        : Object.assign(new URL(url!), { pathname: `/${name}` }).href;
  });

  async function run(from: string, to: string, stopAfter = Number.POSITIVE_INFINITY): Promise<number> {
    const one = await openStore(from);
    try {
      const other = await openStore(to);
      let advanced = 0;
      try {
        const copied = await migrate(one, other, specs, systemClock, {
          start: () => undefined,
          advance(documents) {
            advanced += documents;
            if (advanced >= stopAfter) throw new Error('killed');
          },
        });
        expect(copied.map(({ name }) => name)).to.include.members([
          'products',
          'events',
          'consent-ledger',
          'customers',
          'synonyms',
          'queue-outbox',
        ]);
        return advanced;
      } finally {
        await other.close();
      }
    } finally {
      await one.close();
    }
  }

  async function refusal(from: string, to: string, stopAfter?: number): Promise<string> {
    return run(from, to, stopAfter).then(
      () => 'nothing refused',
      (error: Error) => error.message,
    );
  }

  it('brings the whole shop there and back: profiles, consents, histories, products, synonyms', async () => {
    await run(source, target);
    const back = join(directory, `back-${databases}`);
    await run(target, back);
    expect(await shopOf(back)).to.deep.equal(await shopOf(source));
  });

  it('goes on where it was stopped, and ends with the same', async () => {
    expect(await refusal(source, target, 300)).to.equal('killed');
    const rest = await run(source, target);
    const whole = await run(source, join(directory, `whole-${databases}`));
    expect(rest).to.be.below(whole);
    const back = join(directory, `resumed-${databases}`);
    await run(target, back);
    expect(await shopOf(back)).to.deep.equal(await shopOf(source));
  });

  it('refuses a target that holds something, a part of another copy, or the source itself', async () => {
    await run(source, target);
    expect(await refusal(source, target)).to.match(/is not empty \(.*\d+ in products.*it got a copy of/);
    const begun = join(directory, `begun-${databases}`);
    await refusal(source, begun, 300);
    expect(await refusal(target, begun)).to.contain(
      `holds part of a copy of ${nameOf(source)}; finish that one`,
    );
    expect(await refusal(source, source)).to.match(/in use by process/);
  });

  it('refuses a source that a process uses, naming it', async () => {
    const system = await boot({
      plugins: [storePlugin],
      environment: { RAPPORT_DATA_DIR: source },
      host: ({ dataDir }) => ({
        clock: systemClock,
        ids: { next: () => '' },
        random: () => 0,
        log: console,
        dataDir,
      }),
    });
    try {
      expect(await refusal(source, target)).to.contain(
        `is in use by process ${process.pid}; stop that process`,
      );
    } finally {
      await system.close();
    }
  });
});
