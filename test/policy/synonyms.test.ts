import { expect } from 'chai';
import { checkSynonym } from '../../plugins/merchandising/synonyms/synonym-input.js';

/** Each test fails if the bound that it is about becomes three times as large or as small. */
describe('bounds of a synonym', () => {
  const faults = (terms: readonly string[]) => checkSynonym({ terms }, []).userErrors.length;
  const words = (count: number) => Array.from({ length: count }, (_, at) => `word${at}`);

  it('are fifty terms', () => {
    expect(faults(words(40))).to.equal(0);
    expect(faults(words(70))).to.be.greaterThan(0);
  });

  it('are eight words a term', () => {
    expect(faults(['sofa', words(6).join(' ')])).to.equal(0);
    expect(faults(['sofa', words(12).join(' ')])).to.be.greaterThan(0);
  });

  it('are a hundred characters a term', () => {
    expect(faults(['sofa', 'x'.repeat(80)])).to.equal(0);
    expect(faults(['sofa', 'x'.repeat(150)])).to.be.greaterThan(0);
  });

  it('are two terms at least', () => {
    expect(faults(['sofa'])).to.be.greaterThan(0);
  });
});
