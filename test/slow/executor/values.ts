import {
  type GraphQLInputType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredInputField,
} from 'graphql';
import { Tape } from './tape.js';

export const texts = [
  'a',
  '',
  'quo"te\\',
  'Škoda “日本” 🎈',
  '\u2028\u0000\n',
  'half \ud83c',
  '__proto__',
  '12',
  'null',
];
const numbers = [1, 0, -0, -7, 2_147_483_647, -2_147_483_648];
const fractions = [0.5, 3, -0.1, 1e21, 1e-9];

const deepest = 3;

/** A value as resolvers get it, for a default of the schema. */
export function inputValue(tape: Tape, type: GraphQLInputType, depth: number): unknown {
  if (!isNonNullType(type) && tape.chance(10)) return null;
  const inner = getNullableType(type);
  if (isListType(inner)) return tape.times(0, 2, () => inputValue(tape, inner.ofType, depth + 1));
  if (isEnumType(inner)) return tape.pick(inner.getValues()).value;
  if (isInputObjectType(inner)) {
    const fields = Object.values(inner.getFields());
    const taken = inner.isOneOf
      ? [tape.pick(fields)]
      : fields.filter((field) => isNonNullType(field.type) || (depth < deepest && tape.chance(50)));
    return Object.fromEntries(
      taken.map(({ name, type: each }) => [name, nonNull(tape, each, depth + 1, inner.isOneOf)]),
    );
  }
  return leaf(tape, inner.name);
}

function nonNull(tape: Tape, type: GraphQLInputType, depth: number, required: boolean): unknown {
  const value = inputValue(tape, type, depth);
  return required && value === null ? inputValue(new Tape([]), type, depth) : value;
}

function leaf(tape: Tape, name: string): unknown {
  if (name === 'Int') return tape.pick(numbers);
  if (name === 'Float') return tape.pick([...numbers, ...fractions]);
  if (name === 'Boolean') return tape.chance(50);
  return tape.pick(texts);
}

/** A variable's value as a client sends it. `wild`: it may not fit. */
export function jsonValue(tape: Tape, type: GraphQLInputType, depth: number, wild: boolean): unknown {
  if (wild && tape.chance(10)) return anything(tape);
  if (!isNonNullType(type) && tape.chance(10)) return null;
  const inner = getNullableType(type);
  if (isListType(inner)) {
    const items = tape.times(0, 3, () => jsonValue(tape, inner.ofType, depth + 1, wild));
    // One that is no list is a list of one.
    return items.length === 1 && tape.chance(50) ? items[0] : items;
  }
  if (isEnumType(inner)) return tape.pick(inner.getValues()).name;
  if (isInputObjectType(inner)) {
    const fields = Object.values(inner.getFields());
    const taken = inner.isOneOf
      ? [tape.pick(fields)]
      : fields.filter((field) => isRequiredInputField(field) || (depth < deepest && tape.chance(60)));
    const value = Object.fromEntries(
      taken.map(({ name, type: each }) => [name, jsonValue(tape, each, depth + 1, wild)]),
    );
    return wild && tape.chance(5) ? { ...value, surplus: 1 } : value;
  }
  if (inner.name === 'ID' && tape.chance(30)) return tape.pick(numbers);
  return leaf(tape, inner.name);
}

function anything(tape: Tape): unknown {
  return tape.pick<unknown>([
    null,
    'x',
    1.5,
    2 ** 31,
    true,
    [],
    [null],
    {},
    { i0: 1 },
    'throws',
    'undefined',
    'toString',
  ]);
}

/** A literal of a document. `variable` may put one in its place. */
export function literal(
  tape: Tape,
  type: GraphQLInputType,
  depth: number,
  variable: (type: GraphQLInputType, hasDefault: boolean, required: boolean) => string | null,
  hasDefault = false,
  required = false,
): string {
  const name = variable(type, hasDefault, required);
  if (name !== null) return name;
  if (!isNonNullType(type) && !required && tape.chance(10)) return 'null';
  const inner = getNullableType(type);
  if (isListType(inner)) {
    const items = tape.times(0, 2, () => literal(tape, inner.ofType, depth + 1, variable));
    const only = items.length === 1 ? items[0]! : '[';
    return tape.chance(40) && !only.startsWith('[') && !only.startsWith('$') && only !== 'null'
      ? only
      : `[${items.join(', ')}]`;
  }
  if (isEnumType(inner)) return tape.pick(inner.getValues()).name;
  if (isInputObjectType(inner)) {
    const fields = Object.values(inner.getFields());
    const taken = inner.isOneOf
      ? [tape.pick(fields)]
      : fields.filter((field) => isRequiredInputField(field) || (depth < deepest && tape.chance(50)));
    const written = taken.map(
      (field) =>
        `${field.name}: ${literal(tape, field.type, depth + 1, variable, field.defaultValue !== undefined, inner.isOneOf)}`,
    );
    return `{${(tape.chance(50) ? written.reverse() : written).join(', ')}}`;
  }
  if (inner.name.startsWith('Scalar'))
    return tape.pick(['"a"', '12', '"null"', '{k: 1}', '[E]', '1.5', 'true']);
  if (inner.name === 'ID' && tape.chance(30)) return '12';
  const value = leaf(tape, inner.name);
  if (typeof value !== 'string') return Object.is(value, -0) ? '-0' : String(value);
  if (tape.chance(20)) return '"""\n  block\n   "text"\n"""';
  return JSON.stringify(value.toWellFormed());
}
