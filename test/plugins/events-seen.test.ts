import { expect } from 'chai';
import fc from 'fast-check';
import { createFingerprintSet, fingerprint } from '../../plugins/events/fingerprints.js';
import { blockSize, createSeen, type Seen, type SeenBlock, seenSpec } from '../../plugins/events/seen.js';
import { store } from '../../plugins/store/plugin.js';
import { createIds } from '../../src/host.js';
import type { Collection } from '../../src/ports/store.js';
import { bootPlugins, type TestSystem } from '../support/boot.js';

const dayMs = 86_400_000;
const print = { high: 0, low: 0 };

describe('what was seen', () => {
  let system: TestSystem;
  let blocks: Collection<SeenBlock>;
  before(async () => {
    system = await bootPlugins([store]);
    blocks = await system.port('store').collection(seenSpec);
  });
  after(() => system.close());

  function open(pendingMs = Number.POSITIVE_INFINITY): Seen {
    return createSeen(system.clock, createIds(system.clock), system.log, () => pendingMs);
  }

  it('is kept in blocks, so that a start need not read the log before them', async () => {
    const startMs = system.clock.nowMs();
    const writing = open(startMs + 40_000);
    const watching = open(startMs + 40_000);
    await watching.load(blocks);
    await writing.load(blocks);
    for (let i = 0; i < 1.5 * blockSize; i++) {
      if (!writing.add(`id-${i}`, (i % 50) + 1, startMs + i)) expect.fail(`id-${i} was there`);
      watching.add(`id-${i}`, (i % 50) + 1, startMs + i);
      if (i % blockSize === 0) await blocks.count();
    }
    expect(writing.add('id-7', 1, startMs)).to.equal(false);
    await writing.close();
    await watching.close();

    const reopened = open();
    const coveredMs = await reopened.load(blocks);
    expect(coveredMs).to.equal(startMs + 40_000, 'not beyond what is still being written');
    for (let i = 0; i < blockSize; i++) {
      fingerprint(`id-${i}`, print);
      if (!reopened.has(`id-${i}`) || reopened.bodyOf(`id-${i}`, print) !== (i % 50) + 1)
        expect.fail(`id-${i} is gone`);
    }
    expect(reopened.has(`id-${blockSize}`)).to.equal(false);
    await reopened.close();
  });

  it('is remembered for seven days and forgotten some days later, in memory and in the store', async () => {
    const seen = open();
    await seen.load(blocks);
    const stored = await blocks.count();
    expect(stored).to.be.greaterThan(0);
    system.clock.advance(7 * dayMs);
    seen.add('later', 1, system.clock.nowMs());
    expect(seen.has('id-1')).to.equal(true);
    system.clock.advance(3 * dayMs);
    for (let i = 0; i < blockSize; i++) seen.add(`much later ${i}`, 1, system.clock.nowMs());
    await seen.close();
    expect(seen.has('id-1')).to.equal(false);
    expect(seen.has('later')).to.equal(true);
    expect(await blocks.count()).to.equal(1);
  });
});

describe('fingerprints', () => {
  it('differ for ids that differ in little', () => {
    const found = new Set<string>();
    for (let i = 0; i < 100_000; i++) {
      fingerprint(`source:${i}`, print);
      found.add(`${print.high}-${print.low}`);
    }
    expect(found.size).to.equal(100_000);
    // Any 32 bits of them alone are spread like chance would: about 1.2 pairs among 100,000.
    for (const half of ['high', 'low'] as const) {
      const halves = new Set<number>();
      for (let i = 0; i < 100_000; i++) {
        fingerprint(`source:${i}`, print);
        halves.add(print[half]);
      }
      expect(halves.size).to.be.greaterThan(99_980);
    }
  });

  it('are those of SHA-256, for which nobody can make another text', () => {
    // Of FIPS 180-4, example B.1.
    fingerprint('abc', print);
    expect(print).to.deep.equal({ high: 0xba7816bf | 0, low: 0x8f01cfea | 0 });
  });

  it('are a set, each with a digest', () => {
    const pair = fc.tuple(fc.integer(), fc.integer({ min: 1, max: 50 }));
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 500 }), (pairs) => {
        const set = createFingerprintSet();
        const model = new Map<string, number>();
        for (const [body, [high, low]] of pairs.entries()) {
          const name = `${high}-${low}`;
          expect(set.has(high, low)).to.equal(model.has(name));
          expect(set.add(high, low, body)).to.equal(!model.has(name));
          if (!model.has(name)) model.set(name, body);
        }
        expect(set.size).to.equal(model.size);
        for (const [high, low] of pairs) expect(set.bodyOf(high, low)).to.equal(model.get(`${high}-${low}`));
      }),
      { numRuns: 50 },
    );
  });
});
