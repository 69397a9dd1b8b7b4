import {
  GraphQLBoolean,
  GraphQLEnumType,
  type GraphQLFieldConfig,
  type GraphQLFieldConfigArgumentMap,
  type GraphQLFieldConfigMap,
  GraphQLFloat,
  GraphQLID,
  type GraphQLInputFieldConfig,
  GraphQLInputObjectType,
  type GraphQLInputType,
  GraphQLInt,
  GraphQLInterfaceType,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLOutputType,
  GraphQLScalarType,
  GraphQLSchema,
  GraphQLString,
  GraphQLUnionType,
  isListType,
  isNonNullType,
  Kind,
} from 'graphql';
import { counterOf } from '../../../src/gateway/counting.js';
import type { FieldRule } from '../../../src/gateway/field-rules.js';
import type { Tape } from './tape.js';
import { inputValue } from './values.js';
import type { World } from './world.js';

const specified = [GraphQLInt, GraphQLString, GraphQLFloat, GraphQLBoolean, GraphQLID];

/** Passes values on, except for those that ask for one of the failures that a scalar can have. */
function customScalar(name: string): GraphQLScalarType {
  function checked(value: unknown): unknown {
    // Neither is JSON: they would be left out of the answer, or end it.
    if (typeof value === 'function' || typeof value === 'symbol') throw new Error(`${name} does not take it`);
    if (typeof value === 'bigint') return String(value);
    if (value === 'throws') throw new Error(`${name} does not take it`);
    return value === 'undefined' ? undefined : value === 'null' ? null : value;
  }
  return new GraphQLScalarType({
    name,
    serialize: checked,
    parseValue: checked,
    parseLiteral(node) {
      if (node.kind === Kind.STRING) return checked(node.value);
      if (node.kind === Kind.INT) return Number(node.value);
      return { kind: node.kind };
    },
  });
}

/** A random schema whose resolvers do in `world` what the names of parent and field, and the arguments, make them do. */
export function randomSchema(tape: Tape, world: World): GraphQLSchema {
  const scalars = [...specified, ...tape.times(0, 2, (i) => customScalar(`Scalar${i}`))];
  const enums = tape.times(0, 2, (i) => randomEnum(tape, i));
  const leaves = [...scalars, ...enums];

  const inputs: GraphQLInputObjectType[] = [];
  for (let i = tape.below(4); i > 0; i--)
    inputs.push(randomInput(tape, `Input${inputs.length}`, leaves, inputs));

  const shared = tape.chance(60) ? new Map([['shared', randomField()]]) : null;
  const interfaces = shared
    ? [new GraphQLInterfaceType({ name: 'Face', fields: Object.fromEntries(shared), resolveType })]
    : [];
  const objects: GraphQLObjectType[] = [];
  const count = 1 + tape.below(4);
  for (let i = 0; i < count; i++) {
    const implementing = interfaces.length > 0 && tape.chance(60);
    const own = tape.times(1, 5, (at) => [`t${i}f${at}`, randomField()] as const);
    objects.push(
      new GraphQLObjectType({
        name: `T${i}`,
        interfaces: implementing ? interfaces : [],
        fields: withResolvers(`T${i}`, [...own, ...(implementing ? shared! : [])]),
      }),
    );
  }
  const union = tape.chance(30) ? [new GraphQLUnionType({ name: 'Union', types: objects, resolveType })] : [];
  const abstract = tape.chance(10) ? [...interfaces, ...union] : [];

  /** The types of objects are read when all of them are there. */
  function outputType(): () => GraphQLOutputType {
    const wrap = wrapping(tape);
    const isObject = tape.chance(55);
    const leaf = tape.pick(leaves);
    const at = tape.below(256);
    return () => {
      const composite = [...objects, ...abstract];
      return wrap(isObject ? composite[at % composite.length]! : leaf) as GraphQLOutputType;
    };
  }

  interface Drawn {
    readonly typeOf: () => GraphQLOutputType;
    readonly args: GraphQLFieldConfigArgumentMap;
    readonly plain: boolean;
  }

  function draw(): Drawn {
    const typeOf = outputType();
    const args: GraphQLFieldConfigArgumentMap = {};
    if (tape.chance(45))
      for (const [name, config] of randomArguments(tape, leaves, inputs)) args[name] = config;
    return { typeOf, args, plain: Object.keys(args).length === 0 && tape.chance(40) };
  }

  function randomField(): GraphQLFieldConfig<unknown, unknown> {
    const { typeOf, args, plain } = draw();
    return Object.defineProperty({ args, extensions: { plain } }, 'type', {
      enumerable: true,
      get: typeOf,
    }) as never;
  }

  function withResolvers(
    owner: string,
    fields: Iterable<readonly [string, GraphQLFieldConfig<unknown, unknown>]>,
  ): () => GraphQLFieldConfigMap<unknown, unknown> {
    return () =>
      Object.fromEntries(
        [...fields].map(([name, { type, args = {}, extensions }]) => {
          // A property of the parent, which `world` computes.
          if (extensions?.plain && owner.startsWith('T')) return [name, { type, args }];
          const resolve = (parent: unknown, given: Record<string, unknown>, request: unknown) =>
            world.resolve(parent, name, type, given, request);
          return [name, { type, args, resolve }];
        }),
      );
  }

  function root(name: string): GraphQLObjectType {
    const fields = tape.times(1, 5, (at) => [`${name.toLowerCase()}${at}`, randomField()] as const);
    return new GraphQLObjectType({ name, fields: withResolvers(name, fields) });
  }

  function resolveType(value: { type?: string }): string | undefined {
    return value.type;
  }

  const query = root('Query');
  const mutation = root('Mutation');
  const types = [...objects, ...interfaces, ...union];
  const schema = new GraphQLSchema({ query, mutation, types, assumeValid: true });
  for (const type of [query, mutation, ...objects]) {
    for (const field of Object.values(type.getFields()))
      field.extensions = {
        ...field.extensions,
        rapport: ruleWithoutLimits(`${type.name}.${field.name}`, field.type),
      };
  }
  return schema;
}

function ruleWithoutLimits(coordinate: string, type: GraphQLOutputType): FieldRule {
  return {
    coordinate,
    owner: 'fuzz',
    isAdded: false,
    isWrite: false,
    roles: null,
    publicSeconds: null,
    weight: 1,
    perItem: 0,
    itemsOf: [],
    count: counterOf(type),
    listSize: { assumed: null, slicingArguments: [] },
  };
}

function randomEnum(tape: Tape, index: number): GraphQLEnumType {
  const internals = [undefined, 0, false, '', 'B', null, { object: true }, Number.NaN];
  const values = tape.times(1, 4, (at) => [
    `E${index}V${at}`,
    { value: tape.chance(40) ? tape.pick(internals) : undefined },
  ]);
  return new GraphQLEnumType({ name: `Enum${index}`, values: Object.fromEntries(values) });
}

/** Refers to those before it, and to itself. */
function randomInput(
  tape: Tape,
  name: string,
  leaves: readonly (GraphQLScalarType | GraphQLEnumType)[],
  before: readonly GraphQLInputObjectType[],
): GraphQLInputObjectType {
  const isOneOf = tape.chance(10);
  const refersToItself = tape.chance(20);
  const drawn = tape.times(1, 4, (at) => {
    const named = tape.chance(35) && before.length > 0 ? tape.pick(before) : tape.pick(leaves);
    const type = (isOneOf ? named : wrapping(tape)(named)) as GraphQLInputType;
    return [`i${at}`, isOneOf ? { type } : withDefault(tape, type)] as const;
  });
  const made: GraphQLInputObjectType = new GraphQLInputObjectType({
    name,
    isOneOf,
    fields: (): Record<string, GraphQLInputFieldConfig> => ({
      ...Object.fromEntries(drawn),
      ...(refersToItself ? { self: { type: made } } : {}),
    }),
  });
  return made;
}

function randomArguments(
  tape: Tape,
  leaves: readonly (GraphQLScalarType | GraphQLEnumType)[],
  inputs: readonly GraphQLInputObjectType[],
) {
  return tape.times(1, 3, (at) => {
    const named = inputs.length > 0 && tape.chance(45) ? tape.pick(inputs) : tape.pick(leaves);
    return [`a${at}`, withDefault(tape, wrapping(tape)(named) as GraphQLInputType)] as const;
  });
}

function withDefault(tape: Tape, type: GraphQLInputType): GraphQLInputFieldConfig {
  if (!tape.chance(40)) return { type };
  const value = inputValue(tape, type, 0);
  return { type, defaultValue: value };
}

function wrapping(tape: Tape): (named: GraphQLOutputType | GraphQLInputType) => unknown {
  const shape = tape.below(16);
  const list = (type: unknown) => new GraphQLList(type as GraphQLOutputType);
  const strict = (type: unknown) =>
    new GraphQLNonNull(type as GraphQLOutputType & (GraphQLScalarType | GraphQLList<GraphQLOutputType>));
  return (named) => {
    if (shape < 7) return named;
    if (shape < 10) return strict(named);
    if (shape < 12) return list(named);
    if (shape === 12) return list(strict(named));
    if (shape === 13) return strict(list(named));
    if (shape === 14) return strict(list(strict(named)));
    return list(list(named));
  };
}

export function nullable<T>(type: T): unknown {
  return isNonNullType(type) ? type.ofType : type;
}

export function isRequired(type: unknown): boolean {
  return isNonNullType(type);
}

export { isListType };
