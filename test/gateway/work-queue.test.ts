import { expect } from 'chai';
import { afterYield } from '../../src/gateway/turns.js';
import { createWorkMeter } from '../../src/gateway/work-meter.js';
import { createWorkQueue, type Slot } from '../../src/gateway/work-queue.js';

describe('Operations that take long', () => {
  /** A process in which an operation takes a microsecond for each unit, or `msOf`, and nothing else happens meanwhile. */
  function open() {
    let nowMs = 0;
    const turns: (() => void)[] = [];
    const add = (run: () => void) => void turns.push(run);
    const queue = createWorkQueue(
      createWorkMeter(() => nowMs, afterYield),
      { soon: add, run: add },
      afterYield,
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

  it('wait if they are cheap, were not measured yet and one sender has many at once', () => {
    const { queue } = open();
    const page = {};
    const waits = (sender: string, document: object) => 'then' in queue.enter(1_000, sender, document)!;
    const many = Array.from({ length: 40 }, () => waits('many', page));
    // As many as of medium size, which may start in the same turn.
    expect(many.lastIndexOf(false)).to.equal(15);
    expect(waits('few', page)).to.equal(false);
    const known = {};
    for (let run = 0; run < 3; run++) (queue.enter(1_000, 'known', known) as Slot).end();
    expect(Array.from({ length: 40 }, () => waits('known', known))).not.to.include(true);
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

  it('count for a new sender what the first runs of each sender took, however often a few have asked for more', async () => {
    const { ask, turn, ran } = open();
    for (const shopper of ['a', 'b', 'c', 'd']) {
      for (let i = 0; i < 3; i++) ask(shopper, 1_000, 1, 'home');
      await turn();
    }
    for (let i = 0; i < 100; i++) {
      ask('greedy', 1_000, 20, 'home');
      await turn();
    }
    for (let i = 0; i < 3; i++) ask('shopper', 1_000, 1, 'home');
    await turn();
    for (let i = 0; i < 40; i++) ask('greedy', 1_000, 20, 'home');
    const before = ran.length;
    expect(ask('new', 1_000, 1, 'home')).to.equal(true);
    for (let i = 0; i < 2; i++) await turn();
    expect(ran.slice(before)).to.include('new');
  });

  it('start one after the other, each when the one before has ended', async () => {
    const { queue, turn } = open();
    const seen: string[] = [];
    async function run(name: string): Promise<void> {
      const slot = await queue.enter(3_000, 'a', {})!;
      seen.push(`${name} begins`);
      for (let i = 0; i < 5; i++) await null;
      seen.push(`${name} ends`);
      slot.end();
    }
    const all = ['1', '2', '3', '4', '5', '6'].map(run);
    for (let i = 0; i < 4; i++) await turn();
    await Promise.all(all);
    // The first three came in one turn, with room for them.
    const later = seen.filter((each) => /^[456]/.test(each));
    expect(later).to.deep.equal(['4', '5', '6'].flatMap((name) => [`${name} begins`, `${name} ends`]));
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

  it('are refused to the sender of too many, and start so that the sender who had the least done is next', async () => {
    const { ask, turn, ran } = open();
    for (let i = 0; i < 40; i++) ask('greedy');
    expect(ask('greedy')).to.equal(false);
    for (let i = 0; i < 4; i++) expect(ask('modest', 12_500)).to.equal(true);
    for (let i = 0; i < 6; i++) await turn();
    expect(ran.filter((sender) => sender === 'modest')).to.have.length(4);
  });

  it('of a sender who had little done wait for nobody else, however dear they are thought to be', async () => {
    const { ask, turn, ran } = open();
    for (let round = 0; round < 10; round++) {
      for (let k = 0; k < 8; k++) ask(`greedy ${k}`, 1_000, 30, 'home');
      await turn();
    }
    for (let k = 0; k < 8; k++) for (let i = 0; i < 4; i++) ask(`greedy ${k}`, 1_000, 30, 'home');
    const before = ran.length;
    ask('modest', 1_000, 3, 'home');
    await turn();
    expect(ran[before]).to.equal('modest');
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
  function open() {
    let nowMs = 0;
    const yields: (() => void)[] = [];
    const meter = createWorkMeter(
      () => nowMs,
      (run) => void yields.push(run),
    );
    return {
      meter,
      pass(ms: number): void {
        nowMs += ms;
      },
      /** Everything that runs now waits for something. */
      waits(): void {
        for (const run of yields.splice(0)) run();
      },
    };
  }

  it('counts what an operation does until it waits as its own', () => {
    const { meter, pass, waits } = open();
    const first = meter.begin();
    pass(10);
    waits();
    const second = meter.begin();
    pass(10);
    expect(second()).to.equal(10);
    expect(first()).to.equal(10);
    pass(100);
    expect(meter.begin()()).to.equal(0);
  });

  it('shares the time between operations that have waited', () => {
    const { meter, pass, waits } = open();
    const first = meter.begin();
    const second = meter.begin();
    waits();
    pass(10);
    expect(second()).to.equal(5);
    pass(10);
    expect(first()).to.equal(15);
  });

  it('shares the time between operations that begin together', () => {
    const { meter, pass, waits } = open();
    const first = meter.begin();
    const second = meter.begin();
    pass(10);
    expect(second()).to.equal(5);
    waits();
    expect(first()).to.equal(5);
  });
});
