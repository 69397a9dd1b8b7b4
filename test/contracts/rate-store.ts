import { expect } from 'chai';
import type { RateStore } from '../../src/ports/queue-driver.js';

/** Time that passes while a test asks a few times. */
const passedMs = 5_000;

/** What every rate store promises. `open` opens it anew, as another process would. */
export function rateStoreContract(open: () => Promise<RateStore>): void {
  const run = `${process.pid}-${process.hrtime.bigint()}`;
  let count = 0;
  const newBucket = () => `${run}-${count++}`;
  const taken = (bucket: string, flowMs: number, fullInMsMax = 1_000_000) => ({
    bucket,
    flowMs,
    fullInMsMax,
  });

  it('adds up what two processes took from one bucket, and tells both', async () => {
    const [one, two] = await Promise.all([open(), open()]);
    const bucket = newBucket();
    const first = await one.report(`${run}-one`, [taken(bucket, 100_000)]);
    expect(first.fullInMs[0]).to.be.within(100_000 - passedMs, 100_000);
    const second = await two.report(`${run}-two`, [taken(bucket, 50_000.5)]);
    expect(second.fullInMs[0]).to.be.within(150_000.5 - passedMs, 150_000.5);
    const again = await one.report(`${run}-one`, [taken(bucket, 0)]);
    expect(again.fullInMs[0]).to.be.within(150_000.5 - passedMs, second.fullInMs[0]!);
  });

  it('keeps buckets apart, and answers them in the order of the report', async () => {
    const store = await open();
    const buckets = Array.from({ length: 500 }, newBucket);
    await store.report(
      `${run}-one`,
      buckets.map((bucket, i) => taken(bucket, 10_000 * (i + 1), 10_000_000)),
    );
    const { fullInMs } = await store.report(
      `${run}-one`,
      buckets.toReversed().map((bucket) => taken(bucket, 0, 10_000_000)),
    );
    expect(fullInMs).to.have.length(500);
    for (const [i, ms] of fullInMs.toReversed().entries())
      expect(ms).to.be.within(10_000 * (i + 1) - passedMs, 10_000 * (i + 1));
  });

  it('lets nobody owe more than the most', async () => {
    const store = await open();
    const bucket = newBucket();
    await store.report(`${run}-one`, [taken(bucket, 500_000, 600_000)]);
    const { fullInMs } = await store.report(`${run}-one`, [taken(bucket, 500_000, 600_000)]);
    expect(fullInMs[0]).to.be.within(600_000 - passedMs, 600_000);
  });

  it('counts the processes that report, each once', async () => {
    const [one, two] = await Promise.all([open(), open()]);
    const before = await one.report(`${run}-one`, []);
    await two.report(`${run}-new`, []);
    await two.report(`${run}-new`, []);
    const after = await one.report(`${run}-one`, []);
    expect(after.processes).to.equal(before.processes + 1);
    expect(after.fullInMs).to.deep.equal([]);
  });
}
