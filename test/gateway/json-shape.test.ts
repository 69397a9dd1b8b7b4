import { expect } from 'chai';
import { shapeFaultOf } from '../../src/gateway/json-shape.js';

describe('The shape of a JSON text', () => {
  const depthOf = (text: string): number => {
    let nesting = 0;
    while (shapeFaultOf(Buffer.from(text), { nesting, members: 100 })) nesting++;
    return nesting;
  };
  const membersOf = (text: string): number => {
    let members = 1;
    while (shapeFaultOf(Buffer.from(text), { nesting: 100, members })) members++;
    return members;
  };

  it('has the depth of its lists and objects, and of nothing in a text', () => {
    expect(depthOf('1')).to.equal(0);
    expect(depthOf('{"a":[1,[2]],"b":[[[]]]}')).to.equal(4);
    expect(depthOf('["[[[[", "\\"[[[[", "\\\\", [1]]')).to.equal(2);
    expect(depthOf('["\\\\\\"[[[", []]')).to.equal(2);
    expect(depthOf('["[[[[')).to.equal(1);
    expect(depthOf('['.repeat(5_000))).to.equal(5_000);
  });

  it('has the members of its largest object, however long its lists are', () => {
    expect(membersOf('{"a":1,"b":[1,2,3,4,5],"c":{"d":",,,,","e":2},"f":4}')).to.equal(4);
    expect(membersOf('[{"a":1},{"a":1},{"a":1,"b":2}]')).to.equal(2);
  });
});
