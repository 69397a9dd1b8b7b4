import { expect } from 'chai';
import { createWorkQueue, type Release } from '../../src/gateway/work-queue.js';

describe('Expensive operations', () => {
  /** A process in which an operation takes a millisecond for each 1,000 units, and nothing else happens meanwhile. */
  function open() {
    let nowMs = 0;
    const turns: (() => void)[] = [];
    const queue = createWorkQueue({ nowMs: () => nowMs }, (run) => turns.push(run));
    const ran: string[] = [];
    function ask(client: string, units = 50_000): boolean {
      try {
        const entered = queue.enter(units, client);
        entered?.then((release: Release) => {
          ran.push(client);
          nowMs += units / 1_000;
          release();
        });
        return true;
      } catch (error) {
        expect((error as { code: string }).code).to.equal('GATEWAY_OVERLOADED');
        expect((error as { retryAfterSeconds: number }).retryAfterSeconds).to.be.at.least(1);
        return false;
      }
    }
    async function turn(): Promise<number> {
      for (const run of turns.splice(0)) run();
      await new Promise((resolve) => setImmediate(resolve));
      return ran.length;
    }
    return { queue, ask, turn, ran };
  }

  it('start one a turn of the event loop, and cheap ones run at once', async () => {
    const { queue, ask, turn } = open();
    expect(queue.enter(10_000, 'a')).to.equal(null);
    for (let i = 0; i < 3; i++) expect(ask('a')).to.equal(true);
    expect(await turn()).to.equal(1);
    expect(await turn()).to.equal(2);
    expect(await turn()).to.equal(3);
  });

  it('are refused at once when they would have to wait for more than a second', async () => {
    const { ask, turn } = open();
    const taken = Array.from({ length: 40 }, () => ask('a')).filter(Boolean).length;
    expect(taken).to.equal(21);
    for (let i = 0; i < 10; i++) await turn();
    expect(ask('a')).to.equal(true);
  });

  it('of several clients take turns, and one client leaves room for others', async () => {
    const { ask, turn, ran } = open();
    for (let i = 0; i < 12; i++) ask('greedy');
    expect(ask('modest')).to.equal(true);
    expect(ask('greedy')).to.equal(false);
    await turn();
    await turn();
    expect(ran).to.deep.equal(['greedy', 'modest']);
  });

  it('that wait for another process run side by side, four at most', async () => {
    const { queue, turn } = open();
    const releases: Release[] = [];
    for (let i = 0; i < 6; i++) void queue.enter(20_000, 'a')!.then((release) => releases.push(release));
    for (let i = 0; i < 6; i++) await turn();
    expect(releases.length).to.equal(4);
    releases[0]!();
    releases[0]!();
    await turn();
    await turn();
    expect(releases.length).to.equal(5);
  });
});
