import { expect } from 'chai';
import { deepFreeze, freezeJson } from '../../src/kit/deep-freeze.js';

describe('deepFreeze', () => {
  it('freezes plain objects and arrays at every depth, and no instances of classes', () => {
    const seen = new Set<string>();
    const value = deepFreeze({ lines: [{ sku: 'a', at: new Date(0) }], seen });
    expect(Object.isFrozen(value.lines)).to.equal(true);
    expect(Object.isFrozen(value.lines[0])).to.equal(true);
    expect(Object.isFrozen(value.seen.add('b'))).to.equal(false);
    expect(Object.isFrozen(value.lines[0]!.at)).to.equal(false);
  });

  it('runs no getter, so that nothing is made that nobody asked for', () => {
    let made = 0;
    const value = deepFreeze({
      order: {
        get total() {
          return ++made;
        },
      },
    });
    expect(made).to.equal(0);
    expect(value.order.total).to.equal(1);
  });
});

describe('freezeJson', () => {
  it('freezes a document at every depth', () => {
    const document = freezeJson({
      id: 'mug',
      prices: [{ amount: '4' }],
      translations: { de: { title: 'Tasse' } },
    });
    expect(Object.isFrozen(document)).to.equal(true);
    expect(Object.isFrozen(document.prices)).to.equal(true);
    expect(Object.isFrozen(document.prices[0])).to.equal(true);
    expect(Object.isFrozen(document.translations.de)).to.equal(true);
    expect(freezeJson(null)).to.equal(null);
  });
});
