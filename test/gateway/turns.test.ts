import { expect } from 'chai';
import { createTurns } from '../../src/gateway/turns.js';

describe('Turns of the event loop', () => {
  function open() {
    let nowMs = 0;
    let due: (() => void)[] = [];
    const clock = { nowMs: () => nowMs };
    const turns = createTurns(clock, (run) => due.push(run));
    const ran: string[] = [];
    function turn(arrivals = 0): readonly string[] {
      nowMs += 10;
      for (let i = 0; i < arrivals; i++) turns.arrived();
      const now = due;
      due = [];
      for (const run of now) run();
      return ran;
    }
    return { turns, turn, ran };
  }

  it('run one task each, in order, also those that a task adds', () => {
    const { turns, turn, ran } = open();
    turns.run(() => {
      ran.push('a');
      turns.run(() => ran.push('c'));
    });
    turns.run(() => ran.push('b'));
    expect([...turn()]).to.deep.equal(['a']);
    expect([...turn()]).to.deep.equal(['a', 'b']);
    expect([...turn()]).to.deep.equal(['a', 'b', 'c']);
  });

  it('let everything in that arrives before they run a task', () => {
    const { turns, turn } = open();
    turns.run(() => undefined);
    turns.run(() => undefined);
    let ran = false;
    turns.run(() => {
      ran = true;
    });
    turn();
    turn();
    for (let i = 0; i < 5; i++) turn(1);
    expect(ran).to.equal(false);
    turn();
    expect(ran).to.equal(true);
  });

  it('do not let a task wait for more than 100 ms', () => {
    const { turns, turn, ran } = open();
    turns.run(() => ran.push('a'));
    for (let i = 0; i < 9; i++) expect(turn(1).length).to.equal(0);
    expect(turn(1).length).to.equal(1);
  });

  it('let new clients in before they run a task soon, eight turns at most', () => {
    const { turns, turn, ran } = open();
    turns.soon(() => ran.push('a'));
    expect([...turn(1)]).to.deep.equal([]);
    expect([...turn()]).to.deep.equal(['a']);
    turns.soon(() => ran.push('b'));
    for (let i = 0; i < 7; i++) expect(turn(1)).to.have.length(1);
    expect(turn(1)).to.have.length(2);
  });

  it('go on when a task throws', () => {
    const { turns, turn, ran } = open();
    turns.run(() => {
      throw new Error('lost');
    });
    turns.run(() => ran.push('b'));
    expect(() => turn()).to.throw('lost');
    expect(turn().length).to.equal(1);
  });
});
