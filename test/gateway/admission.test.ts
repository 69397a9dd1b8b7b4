import { expect } from 'chai';
import { createAdmission } from '../../src/gateway/admission.js';

describe('More requests than can be answered', () => {
  /** A process that answers a request in a millisecond and refuses one in a fiftieth of it; all that arrives in a turn waits for it. */
  function simulate(offeredPerMs: (atMs: number) => number, forMs: number) {
    let nowMs = 0;
    const nothing = (): void => undefined;
    const turn = { end: nothing };
    const admission = createAdmission({ nowMs: () => Math.floor(nowMs) }, (run) => {
      turn.end = run;
    });
    let arrivedUntilMs = 0;
    let owed = 0;
    const answers: { readonly atMs: number; readonly waitedMs: number; readonly refused: boolean }[] = [];
    while (nowMs < forMs) {
      const arrivals: number[] = [];
      for (; arrivedUntilMs <= nowMs; arrivedUntilMs++) {
        for (owed += offeredPerMs(arrivedUntilMs); owed >= 1; owed--) arrivals.push(arrivedUntilMs);
      }
      if (arrivals.length === 0) nowMs += 0.5;
      for (const arrivedMs of arrivals) {
        const refused = !admission.admits(1);
        nowMs += refused ? 0.02 : 1;
        answers.push({ atMs: nowMs, waitedMs: nowMs - arrivedMs, refused });
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
    const admission = createAdmission({ nowMs: () => 0 }, () => undefined);
    for (let i = 0; i < 10_000; i++) expect(admission.admits(1)).to.equal(true);
  });

  it('are no reason to refuse the few who wait for a process that is slow', () => {
    let nowMs = 0;
    const turn = { end: (): void => undefined };
    const admission = createAdmission({ nowMs: () => nowMs }, (run) => {
      turn.end = run;
    });
    for (let round = 0; round < 100; round++) {
      for (let i = 0; i < 32; i++) {
        expect(admission.admits(32)).to.equal(true);
        nowMs += 100;
      }
      turn.end();
    }
  });

  it('are refused when two thousand are waiting for something else already', () => {
    const admission = createAdmission({ nowMs: () => 0 }, () => undefined);
    expect(admission.admits(2_000)).to.equal(true);
    expect(admission.admits(2_001)).to.equal(false);
  });
});
