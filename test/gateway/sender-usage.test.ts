import { expect } from 'chai';
import { createSenderUsage } from '../../src/gateway/sender-usage.js';

describe('The work of senders', () => {
  it('counts half after a second of work of all senders', () => {
    const usage = createSenderUsage();
    usage.add('before', 1_000);
    usage.add('others', 1_000_000);
    usage.add('now', 1_000);
    expect(usage.of('before') / usage.of('now')).to.be.closeTo(1 / 2, 0.01);
  });

  it('is forgotten of the sender who sent nothing for longest, also after it was all scaled down', () => {
    const usage = createSenderUsage();
    for (let i = 0; i < 10_000; i++) usage.add(`sender ${i}`, 1);
    // More than 400 half-lives.
    usage.add('sender 9999', 401_000_000);
    usage.add('new', 1);
    expect(usage.of('sender 0')).to.equal(0);
    expect(usage.of('sender 9998')).to.be.greaterThan(0);
    expect(usage.of('sender 9999')).to.be.greaterThan(usage.of('new'));
  });
});
