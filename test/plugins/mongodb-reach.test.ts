import { expect } from 'chai';
import { mongo } from 'mongoose';
import { openReach, type Reach } from '../../plugins/store/drivers/mongodb/reach.js';
import { createTestClock, createTestLog, type TestClock } from '../support/boot.js';

const beatMs = 1_000;

describe('The reach of MongoDB', () => {
  let clock: TestClock;
  let reach: Reach;

  beforeEach(() => {
    clock = createTestClock();
    // Never connected: only calls are looked at here.
    const client = new mongo.MongoClient('mongodb://127.0.0.1:9', { serverSelectionTimeoutMS: 10 });
    reach = openReach(client, { clock, log: createTestLog() });
  });
  afterEach(() => reach.close());

  async function beats(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      clock.advance(beatMs);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  /** What became of a call so far. */
  function outcomeOf(asking: Promise<unknown>): { now: string } {
    const outcome = { now: 'waiting' };
    asking.then(
      () => {
        outcome.now = 'answered';
      },
      (error: { code: string }) => {
        outcome.now = error.code;
      },
    );
    return outcome;
  }
  const never = () => new Promise<never>(() => undefined);

  it('gives up a read after 2 seconds, and a write after 25', async () => {
    const read = outcomeOf(reach.read(never));
    const write = outcomeOf(reach(never));
    await beats(1);
    expect(read.now).to.equal('waiting');
    await beats(1);
    expect([read.now, write.now]).to.deep.equal(['STORE_UNAVAILABLE', 'waiting']);
    await beats(24);
    expect(write.now).to.equal('STORE_UNAVAILABLE');
  });

  it('refuses reads at once while nothing is answered, and goes on when something is', async () => {
    void reach.read(never).catch(() => undefined);
    await beats(2);
    let asked = 0;
    const outcome = outcomeOf(reach.read(async () => void asked++));
    await new Promise((resolve) => setImmediate(resolve));
    expect([outcome.now, asked]).to.deep.equal(['STORE_UNAVAILABLE', 0]);
    // As the ping of each beat does, once the server is back.
    await reach(async () => undefined);
    expect(await reach.read(async () => 'back')).to.equal('back');
  });

  it('loses only the read that is late while others are answered', async () => {
    const late = outcomeOf(reach.read(never));
    for (let i = 0; i < 3; i++) {
      await reach.read(async () => undefined);
      await beats(1);
      await reach.read(async () => undefined);
    }
    expect(late.now).to.equal('STORE_UNAVAILABLE');
    const outcomes = [1, 2, 3].map(() => outcomeOf(reach.read(async () => undefined)));
    await new Promise((resolve) => setImmediate(resolve));
    expect(outcomes.map(({ now }) => now)).to.deep.equal(['answered', 'answered', 'answered']);
  });
});
