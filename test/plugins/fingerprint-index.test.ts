import { expect } from 'chai';
import { createFingerprintIndex } from '../../plugins/catalog/fingerprint-index.js';
import { createRandom } from '../support/boot.js';

describe('the index of codes', () => {
  it('finds what a map finds while texts are set, moved and taken away', () => {
    const random = createRandom(3);
    const index = createFingerprintIndex();
    const textOf = new Map<number, string>();
    const numberOf = new Map<string, number>();
    for (let step = 0; step < 20_000; step++) {
      const number = Math.floor(random() * 500);
      const text = random() < 0.2 ? null : `code-${Math.floor(random() * 700)}`;
      // Each text has one number, as the claims of codes see to.
      if (text !== null && numberOf.has(text) && numberOf.get(text) !== number) continue;
      const before = textOf.get(number);
      if (before !== undefined) numberOf.delete(before);
      textOf.delete(number);
      if (text !== null) {
        textOf.set(number, text);
        numberOf.set(text, number);
      }
      index.set(number, text);
      if (step % 100 > 0) continue;
      for (let at = 0; at < 700; at++)
        expect(index.find(`code-${at}`), `code-${at} after ${step}`).to.equal(
          numberOf.get(`code-${at}`) ?? -1,
        );
    }
  });

  it('finds what a map finds though many texts have one fingerprint', () => {
    const random = createRandom(5);
    const index = createFingerprintIndex((text) => Number(text.slice(5)) % 40);
    const textOf = new Map<number, string>();
    for (let step = 0; step < 5_000; step++) {
      const number = Math.floor(random() * 60);
      const text = random() < 0.2 ? null : `code-${Math.floor(random() * 120)}`;
      if (text !== null && [...textOf].some(([other, its]) => its === text && other !== number)) continue;
      if (text === null) textOf.delete(number);
      else textOf.set(number, text);
      index.set(number, text);
      for (const [each, its] of textOf) expect(index.find(its), `${its} after ${step}`).to.equal(each);
    }
  });

  it('finds a text as that of the number that got it last', () => {
    const index = createFingerprintIndex();
    index.set(1, 'a');
    index.set(2, 'a');
    index.set(1, null);
    expect(index.find('a')).to.equal(2);
    index.set(3, 'a');
    index.set(3, 'b');
    index.set(2, 'a');
    expect(index.find('a')).to.equal(2);
  });
});
