import { expect } from 'chai';
import { createTopics } from '../../src/kit/topics.js';

describe('a stream of topics', () => {
  it('yields once for a change with several of its topics', async () => {
    const { subscribe, publish } = createTopics();
    const both = subscribe(['session', 'customer']);
    const one = subscribe(['customer']);
    publish('session', 'customer');
    expect((await both.next()).value).to.equal('session');
    expect((await one.next()).value).to.equal('customer');
    let isWaiting = true;
    const second = both.next().then(({ value }) => {
      isWaiting = false;
      return value;
    });
    await Promise.resolve().then(() => undefined);
    expect(isWaiting).to.equal(true);
    publish('customer');
    expect(await second).to.equal('customer');
  });
});
