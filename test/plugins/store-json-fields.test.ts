import { expect } from 'chai';
import fc from 'fast-check';
import { readFields } from '../../plugins/store/drivers/embedded/json-fields.js';

const name = fc.constantFrom('id', 'who', 'untilMs', 'a"b', '\\', '');
const text = fc.oneof(fc.string(), fc.constantFrom('"', '\\"', '},{"id":"x"', ']]', '\\\\', '😀,"id":1'));
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    text,
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(name, text), tie('value'), { maxKeys: 4 }),
  ),
}));

function cutOff(json: string, wanted: ReadonlySet<string>): Record<string, unknown> {
  try {
    return readFields(json, wanted);
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

describe('Fields read from the JSON of a document', () => {
  it('are those that parsing all of it gives, or some of them where it is cut off', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.oneof(name, text), value, { maxKeys: 6 }),
        fc.uniqueArray(name),
        (document, wanted) => {
          const json = JSON.stringify(document);
          const whole = JSON.parse(json) as Record<string, unknown>;
          const expected = wanted.filter((field) => Object.hasOwn(whole, field));
          const read = readFields(json, new Set(wanted));
          expect(Object.entries(read)).to.have.deep.members(expected.map((field) => [field, whole[field]]));
          for (let cut = 0; cut < json.length; cut++) {
            const before = cutOff(json.slice(0, cut), new Set(wanted));
            for (const [field, found] of Object.entries(before)) expect(found).to.deep.equal(whole[field]);
          }
        },
      ),
    );
  });
});
