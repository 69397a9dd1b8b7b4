import { expect } from 'chai';
import { createCheckpointer } from '../../plugins/store/drivers/embedded/checkpointer.js';
import type { Environment } from '../../plugins/store/drivers/embedded/environment.js';
import { createMutex } from '../../plugins/store/drivers/embedded/mutex.js';
import type { WriteAheadLog } from '../../plugins/store/drivers/embedded/write-ahead-log.js';
import { createHost, createIds } from '../../src/host.js';
import { createRandom, createTestClock, createTestLog } from '../support/boot.js';

describe('What moves documents from the log', () => {
  it('says at once why it cannot, then once a minute, and at once when the reason is another', async () => {
    const clock = createTestClock();
    const log = createTestLog();
    const host = createHost({ clock, ids: createIds(clock), random: createRandom(1), log, dataDir: '' });
    let reason = 'the disk is full';
    let tries = 0;
    const unmoved = {
      show: () => undefined,
      async move() {
        tries++;
        throw new Error(reason);
      },
    };
    createCheckpointer({} as Environment, {} as WriteAheadLog, createMutex(), host, {
      store: 'a store',
      begun: null,
      unmoved,
      checkpointAt: 10,
    });
    async function advance(seconds: number): Promise<void> {
      for (let second = 0; second < seconds; second++) {
        clock.advance(1_000);
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    await advance(59);
    expect([tries, log.lines.length]).to.deep.equal([59, 1]);
    await advance(2);
    expect([tries, log.lines.length]).to.deep.equal([61, 2]);
    reason = 'the disk is gone';
    await advance(1);
    expect([tries, log.lines.length]).to.deep.equal([62, 3]);
    expect(JSON.stringify(log.lines[2])).to.contain('the disk is gone');
  });
});
