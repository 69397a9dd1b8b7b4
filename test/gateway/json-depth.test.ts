import { expect } from 'chai';
import { isDeeper } from '../../src/gateway/json-depth.js';

describe('The depth of a JSON text', () => {
  const depthOf = (text: string): number => {
    let levels = 0;
    while (isDeeper(Buffer.from(text), levels)) levels++;
    return levels;
  };

  it('is that of its lists and objects, and of nothing in a text', () => {
    expect(depthOf('1')).to.equal(0);
    expect(depthOf('{"a":[1,[2]],"b":[[[]]]}')).to.equal(4);
    expect(depthOf('["[[[[", "\\"[[[[", "\\\\", [1]]')).to.equal(2);
    expect(depthOf('["\\\\\\"[[[", []]')).to.equal(2);
    expect(depthOf('["[[[[')).to.equal(1);
    expect(depthOf('['.repeat(5_000))).to.equal(5_000);
  });
});
