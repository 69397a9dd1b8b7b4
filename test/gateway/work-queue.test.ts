import { expect } from 'chai';
import { createWorkMeter } from '../../src/gateway/work-meter.js';
import { createWorkQueue, type Slot } from '../../src/gateway/work-queue.js';

describe('Operations that take long', () => {
  /** A process in which an operation takes a microsecond for each unit, or `msOf`, and nothing else happens meanwhile. */
  function open() {
    let nowMs = 0;
    const turns: (() => void)[] = [];
    const queue = createWorkQueue(
      createWorkMeter(() => nowMs),
      (run) => turns.push(run),
      (run) => turns.push(run),
    );
    const ran: string[] = [];
    const documents = new Map<string, object>();
    function run(sender: string, ms: number, slot: Slot): void {
      ran.push(sender);
      nowMs += ms;
      slot.end();
    }
    /** Returns whether the operation was let in. */
    function ask(sender: string, units = 50_000, ms = units / 1_000, document = 'page'): boolean {
      const key = documents.get(document) ?? {};
      documents.set(document, key);
      try {
        const entered = queue.enter(units, sender, key);
        if (entered && 'then' in entered) void entered.then((slot) => run(sender, ms, slot));
        else if (entered) run(sender, ms, entered);
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

  it('start one a turn of the event loop if they are large, and cheap ones run at once', async () => {
    const { queue, ask, turn } = open();
    expect(queue.enter(50, 'a', {})).to.equal(null);
    expect(queue.enter(2_000, 'a', {})).to.include({ isLarge: false });
    for (let i = 0; i < 3; i++) expect(ask('a')).to.equal(true);
    expect(await turn()).to.equal(1);
    expect(await turn()).to.equal(2);
    expect(await turn()).to.equal(3);
  });

  it('start about 8 ms a turn if they are of medium size, the first of them without waiting', async () => {
    const { ask, turn, ran } = open();
    for (let i = 0; i < 10; i++) expect(ask('a', 3_000)).to.equal(true);
    expect(ran).to.have.length(3);
    expect(await turn()).to.equal(6);
    expect(await turn()).to.equal(9);
    expect(await turn()).to.equal(10);
  });

  it('count what they were measured to take, by their document or their sender', async () => {
    const { ask, turn, ran } = open();
    for (let i = 0; i < 20; i++) {
      ask('learner', 1_000, 20, 'slow');
      await turn();
    }
    expect(ask('b', 1_000, 20, 'slow')).to.equal(true);
    expect(ask('b', 1_000, 20, 'slow')).to.equal(true);
    // A document that was not seen before, of a sender whose operations take long.
    expect(ask('learner', 1_000, 20, 'new')).to.equal(true);
    expect(ran).to.have.length(21);
    expect(await turn()).to.equal(22);
    expect(await turn()).to.equal(23);
  });

  it('count what their own document takes once it is known, whatever else their sender asks for', async () => {
    const { ask, turn } = open();
    for (let i = 0; i < 8; i++) {
      ask('shop', 4_000, 4, 'page');
      await turn();
    }
    for (let i = 0; i < 8; i++) {
      ask('shop', 150, 6, 'slow');
      await turn();
    }
    const taken = Array.from({ length: 300 }, () => ask('shop', 4_000, 4, 'page')).filter(Boolean).length;
    expect(taken).to.be.above(200);
  });

  it('count what their own sender took of a document, whatever others make of it', async () => {
    const { ask, turn, ran } = open();
    for (let i = 0; i < 4; i++) {
      ask('shopper', 1_000, 1, 'home');
      await turn();
    }
    for (let i = 0; i < 20; i++) {
      ask('greedy', 1_000, 20, 'home');
      await turn();
    }
    const before = ran.length;
    expect(ask('shopper', 1_000, 1, 'home')).to.equal(true);
    expect(ran).to.have.length(before + 1);
    for (let i = 0; i < 40; i++) ask('greedy', 1_000, 20, 'home');
    const beside = ran.length;
    expect(ask('shopper', 1_000, 1, 'home')).to.equal(true);
    expect(ran, 'did not wait').to.have.length(beside + 1);
  });

  it('count what their sender took while each brings a document of its own', async () => {
    const { ask, turn } = open();
    for (let i = 0; i < 8; i++) {
      ask('shop', 4_000, 80, `new ${i}`);
      await turn();
    }
    const taken = Array.from({ length: 300 }, (_, i) => ask('shop', 4_000, 80, `newer ${i}`)).filter(Boolean);
    expect(taken.length).to.be.below(25);
  });

  it('are refused at once when they would have to wait for more than a second', async () => {
    const { ask, turn } = open();
    const taken = Array.from({ length: 40 }, () => ask('a')).filter(Boolean).length;
    expect(taken).to.equal(21);
    for (let i = 0; i < 10; i++) await turn();
    expect(ask('a')).to.equal(true);
  });

  it('are refused to the sender of too many, and start in turns of the senders by their work', async () => {
    const { ask, turn, ran } = open();
    for (let i = 0; i < 40; i++) ask('greedy');
    expect(ask('greedy')).to.equal(false);
    for (let i = 0; i < 4; i++) expect(ask('modest', 12_500)).to.equal(true);
    for (let i = 0; i < 6; i++) await turn();
    expect(ran.filter((sender) => sender === 'modest')).to.have.length(4);
  });

  it('that wait for another process run side by side, four large ones at most', async () => {
    const { queue, turn } = open();
    const slots: Slot[] = [];
    for (let i = 0; i < 6; i++)
      void Promise.resolve(queue.enter(20_000, 'a', {})!).then((slot) => slots.push(slot));
    for (let i = 0; i < 6; i++) await turn();
    expect(slots.length).to.equal(4);
    slots[0]!.end();
    await turn();
    await turn();
    expect(slots.length).to.equal(5);
  });
});

describe('A meter of work', () => {
  it('shares the time of the event loop between operations that run side by side', () => {
    let nowMs = 0;
    const meter = createWorkMeter(() => nowMs);
    const first = meter.begin();
    nowMs += 10;
    const second = meter.begin();
    nowMs += 10;
    expect(second()).to.equal(5);
    nowMs += 10;
    expect(first()).to.equal(25);
    nowMs += 100;
    expect(meter.begin()()).to.equal(0);
  });
});
