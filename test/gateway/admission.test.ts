import { expect } from 'chai';
import { createAdmission } from '../../src/gateway/admission.js';

describe('More requests than can be answered', () => {
  /** A process that answers a request in a millisecond and refuses one in a fiftieth of it; all that arrives in a turn waits for it. */
  function simulate(
    offeredPerMs: (atMs: number) => number,
    forMs: number,
    senderOf: (n: number) => string = () => 'everybody',
  ) {
    let sent = 0;
    let nowMs = 0;
    const nothing = (): void => undefined;
    const turn = { end: nothing };
    let idleMs = 0;
    const admission = createAdmission(
      { nowMs: () => Math.floor(nowMs) },
      (run) => {
        turn.end = run;
      },
      () => idleMs,
    );
    let arrivedUntilMs = 0;
    let owed = 0;
    const answers: {
      readonly sender: string;
      readonly atMs: number;
      readonly waitedMs: number;
      readonly refused: boolean;
    }[] = [];
    while (nowMs < forMs) {
      const arrivals: number[] = [];
      for (; arrivedUntilMs <= nowMs; arrivedUntilMs++) {
        for (owed += offeredPerMs(arrivedUntilMs); owed >= 1; owed--) arrivals.push(arrivedUntilMs);
      }
      if (arrivals.length === 0) {
        nowMs += 0.5;
        idleMs += 0.5;
      }
      for (const arrivedMs of arrivals) {
        const sender = senderOf(sent++);
        const leave = admission.enter(sender);
        leave?.();
        const refused = leave === null;
        nowMs += refused ? 0.02 : 1;
        answers.push({ sender, atMs: nowMs, waitedMs: nowMs - arrivedMs, refused });
      }
      turn.end();
      turn.end = nothing;
    }
    return answers;
  }
  const between = (answers: ReturnType<typeof simulate>, fromMs: number, toMs: number) =>
    answers.filter(({ atMs }) => atMs >= fromMs && atMs < toMs);

  it('are refused soon enough that nearly as many are answered as ever, at three times what can be', () => {
    const answers = between(
      simulate(() => 3, 10_000),
      2_000,
      10_000,
    );
    const good = answers.filter(({ refused }) => !refused);
    expect(good.length / 8_000).to.be.at.least(0.9);
    for (const { waitedMs, refused } of answers) expect(waitedMs).to.be.at.most(refused ? 20 : 35);
  });

  it('are answered again, all of them, within two seconds after there are fewer', () => {
    const answers = simulate((atMs) => (atMs < 5_000 ? 3 : 0.5), 10_000);
    expect(between(answers, 3_000, 5_000).some(({ refused }) => refused)).to.equal(true);
    expect(between(answers, 7_000, 10_000).some(({ refused }) => refused)).to.equal(false);
  });

  it('are no reason to refuse anybody while it is only a burst, or a hundred who ask one after the other', () => {
    const burst = simulate((atMs) => (atMs % 5_000 === 0 ? 400 : 0.2), 20_000);
    expect(burst.some(({ refused }) => refused)).to.equal(false);
    const admission = createAdmission(
      { nowMs: () => 0 },
      () => undefined,
      () => 0,
    );
    for (let i = 0; i < 10_000; i++) {
      const leave = admission.enter('everybody');
      expect(leave).to.not.equal(null);
      leave!();
    }
  });

  it('are refused to the one who sends them, and nobody else', () => {
    // One in 60 is of one of ten others.
    const answers = between(
      simulate(
        () => 3,
        10_000,
        (n) => (n % 60 === 0 ? `other-${(n / 60) % 10}` : 'flood'),
      ),
      2_000,
      10_000,
    );
    const others = answers.filter(({ sender }) => sender !== 'flood');
    expect(others.filter(({ refused }) => refused)).to.have.length.at.most(others.length / 50);
    expect(answers.filter(({ refused }) => !refused).length / 8_000).to.be.at.least(0.9);
    for (const { waitedMs, refused } of answers) expect(waitedMs).to.be.at.most(refused ? 30 : 50);
  });

  it('are no reason to refuse the few who wait for a process that is slow', () => {
    let nowMs = 0;
    const turn = { end: (): void => undefined };
    const admission = createAdmission(
      { nowMs: () => nowMs },
      (run) => {
        turn.end = run;
      },
      () => 0,
    );
    for (let round = 0; round < 100; round++) {
      for (let i = 0; i < 32; i++) {
        const leave = admission.enter('everybody');
        expect(leave).to.not.equal(null);
        leave!();
        nowMs += 100;
      }
      turn.end();
    }
  });

  it('are refused when two thousand are waiting for something else already, and to one sender when a quarter is theirs', () => {
    const admission = createAdmission(
      { nowMs: () => 0 },
      () => undefined,
      () => 0,
    );
    const fill = (count: number, sender: (n: number) => string) =>
      Array.from({ length: count }, (_, n) => admission.enter(sender(n))).filter((leave) => leave !== null);
    const greedy = fill(1_500, () => 'greedy');
    expect(greedy).to.have.length(1_000);
    expect(fill(1_001, (n) => `other-${n}`)).to.have.length(1_000);
    for (const leave of greedy.slice(0, 600)) leave();
    expect(fill(1_000, () => 'greedy')).to.have.length(100);
    expect(admission.inFlight).to.equal(1_500);
  });
});
