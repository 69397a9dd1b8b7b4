import { expect } from 'chai';
import { customerIdFault, customerSessionId, personIdMax, sessionIdFault } from '../../src/person-ids.js';

describe('An id of a customer or session', () => {
  const nobody = [
    ...['null', 'undefined', 'NaN', 'Guest', 'ANONYMOUS', '0', '-1', 'true', '[object Object]', 'user_id'],
    ...[' null ', '\u200bnull', 'nu\ufeffll', 'undef\u00adined\u2060', `guest${'\u200b'.repeat(100)}`],
    ...['ｎｕｌｌ', '０', 'ＧＵＥＳＴ', '\u3000unknown', '00000000-0000-0000-0000-000000000000'],
    ...[' ', '\u200b', '\ufeff\u3000', '\ufe0f'],
  ];
  for (const id of nobody) {
    it(`is refused if it stands for nobody: ${JSON.stringify(id).replace(/[^ -~]/g, (c) => `u${c.charCodeAt(0).toString(16)} `)}`, () => {
      for (const faultOf of [customerIdFault, sessionIdFault])
        expect(faultOf(id)).to.deep.include({ code: 'ID_RESERVED' });
    });
  }

  it('is named as received in the refusal, invisible characters too', () => {
    expect(customerIdFault('nu\u200bll')?.message).to.equal(
      'is "nu\\u200bll", which stands for nobody; leave it out instead',
    );
    expect(sessionIdFault('customer:anna')?.message).to.contain('"customer:anna"');
    expect(customerIdFault('x'.repeat(personIdMax + 1))?.message).to.contain('a text of 129 characters');
    expect(customerIdFault(['a'])?.message).to.contain('a list');
    expect(customerIdFault({ a: 1 })?.message).to.contain('and is an object');
    expect(customerIdFault(42)?.message).to.contain('and is a number');
    expect(customerIdFault('')).to.deep.include({ code: 'ID_INVALID' });
    expect(customerIdFault('a\nb')).to.deep.include({ code: 'ID_INVALID' });
  });

  it('is accepted otherwise, as it is', () => {
    const good = ['anna', '1', '00', 'null island', 'guest-7', 'Zoë', '王小明', '__proto__', 'x'.repeat(128)];
    for (const id of good)
      for (const faultOf of [customerIdFault, sessionIdFault]) expect(faultOf(id)).to.equal(null);
  });

  it('never names the session that the server keeps for a customer', () => {
    for (const id of ['anna', 'x'.repeat(128)])
      expect(sessionIdFault(customerSessionId(id).slice(0, personIdMax))).to.deep.include({
        code: 'ID_RESERVED',
      });
  });
});
