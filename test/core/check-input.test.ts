import { expect } from 'chai';
import { z } from 'zod';
import { checkInput } from '../../src/kit/check-input.js';

describe('a fault of an input that has no message of its own', () => {
  const bounds: readonly [schema: z.ZodType, value: unknown, message: string][] = [
    [z.array(z.string()).min(1), [], 'must be a list of at least 1 entry, not []'],
    [z.array(z.string()).max(2), ['a', 'b', 'c'], 'must be a list of at most 2 entries, not a list of 3'],
    [z.string().min(1), '', 'must be at least 1 character long, not ""'],
    [z.string().max(2), 'abc', 'must be at most 2 characters long, not "abc"'],
    [z.number().max(1), 2, 'must be at most 1, not 2'],
  ];
  for (const [schema, value, message] of bounds)
    it(`reads ${message}`, () => {
      expect(checkInput(schema, value).faults?.map((fault) => fault.message)).to.deep.equal([message]);
    });
});
