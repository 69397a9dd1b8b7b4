import {
  type FieldNode,
  type GraphQLField,
  GraphQLFloat,
  GraphQLID,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  GraphQLInt,
  type GraphQLLeafType,
  type GraphQLSchema,
  GraphQLString,
  getArgumentValues,
  isEnumType,
  isInputObjectType,
  isInputType,
  isListType,
  isNonNullType,
  Kind,
  typeFromAST,
  type ValueNode,
  type VariableDefinitionNode,
  valueFromAST,
} from 'graphql';

type Values = Readonly<Record<string, unknown>>;

/** What does not fit, or is rare: graphql-js reads it anew, and says what is wrong with it. */
const unfit = Symbol('unfit');

/** A value of the request made into what resolvers get, or `unfit`. */
type Read = (value: unknown) => unknown;

/** Reads the variables of an operation as graphql-js coerces them; null: left to graphql-js, most likely for its errors. */
export function variablesReader(
  schema: GraphQLSchema,
  definitions: readonly VariableDefinitionNode[],
): (given: Values) => Values | null {
  // Of all names the one that is no plain property.
  if (definitions.some(({ variable }) => variable.name.value === '__proto__')) return () => null;
  const readers = definitions.map(({ variable, type: typeNode, defaultValue }) => {
    const type = typeFromAST(schema, typeNode);
    if (!isInputType(type)) throw new Error(`$${variable.name.value} is of no type of input`);
    return {
      name: variable.name.value,
      absent: defaultValue ? () => valueFromAST(defaultValue, type) : null,
      required: isNonNullType(type),
      read: readerOf(type),
    };
  });
  return (given) => {
    const values: Record<string, unknown> = {};
    for (const { name, absent, required, read } of readers) {
      if (Object.hasOwn(given, name)) {
        const value = read(given[name]);
        if (value === unfit) return null;
        values[name] = value;
      } else if (absent) values[name] = absent();
      else if (required) return null;
    }
    return values;
  };
}

function readerOf(type: GraphQLInputType): Read {
  if (isNonNullType(type)) {
    const read = readerOf(type.ofType);
    return (value) => (value === null || value === undefined ? unfit : read(value));
  }
  const read = isListType(type)
    ? listReader(type.ofType)
    : isInputObjectType(type)
      ? objectReader(type)
      : leafReader(type);
  return (value) => (value === null || value === undefined ? null : read(value));
}

function listReader(type: GraphQLInputType): Read {
  const read = readerOf(type);
  return (value) => {
    const given = Array.isArray(value) ? value : [value];
    const items: unknown[] = [];
    for (const each of given) {
      const item = read(each);
      if (item === unfit) return unfit;
      items.push(item);
    }
    return items;
  };
}

function objectReader(type: GraphQLInputObjectType): Read {
  // A type may hold itself, so its fields are looked at when the first value comes.
  let fields: readonly { name: string; absent: unknown; required: boolean; read: Read }[] | null = null;
  return (value) => {
    if (typeof value !== 'object' || Array.isArray(value) || type.isOneOf) return unfit;
    fields ??= Object.values(type.getFields()).map((field) => ({
      name: field.name,
      absent: field.defaultValue,
      required: isNonNullType(field.type),
      read: readerOf(field.type),
    }));
    const given = value as Values;
    const values: Record<string, unknown> = {};
    let taken = 0;
    for (const { name, absent, required, read } of fields) {
      const each = given[name];
      if (each !== undefined) {
        const made = read(each);
        if (made === unfit) return unfit;
        values[name] = made;
        taken++;
      } else if (absent !== undefined) values[name] = absent;
      else if (required) return unfit;
    }
    // There is one that the type does not have.
    return Object.keys(given).length === taken ? values : unfit;
  };
}

function leafReader(type: GraphQLLeafType): Read {
  function parsed(value: unknown): unknown {
    try {
      const plain = type.parseValue(value);
      return plain === undefined ? unfit : plain;
    } catch {
      return unfit;
    }
  }
  if (isEnumType(type)) {
    const values = new Map<unknown, unknown>(type.getValues().map(({ name, value }) => [name, value]));
    return (value) => values.get(value) ?? parsed(value);
  }
  if (type === GraphQLString || type === GraphQLID)
    return (value) => (typeof value === 'string' ? value : parsed(value));
  if (type === GraphQLInt) return (value) => (((value as number) | 0) === value ? value : parsed(value));
  if (type === GraphQLFloat)
    return (value) => (typeof value === 'number' && Number.isFinite(value) ? value : parsed(value));
  return parsed;
}

/** Reads the arguments of a field, some of which hang on variables, as graphql-js does; throws what it throws. */
export function argumentsReader(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
): (variables: Values) => Values {
  const readers = field.args.map((argument) => {
    const value = node.arguments?.find(({ name }) => name.value === argument.name)?.value;
    return { ...argument, read: value ? literalReader(argument.type, value) : () => undefined };
  });
  return (variables) => {
    const values: Record<string, unknown> = {};
    for (const { name, type, defaultValue, read } of readers) {
      const value = read(variables);
      if (value === unfit) return getArgumentValues(field, node, variables as Record<string, unknown>);
      if (value !== undefined) values[name] = value;
      else if (defaultValue !== undefined) values[name] = defaultValue;
      else if (isNonNullType(type))
        return getArgumentValues(field, node, variables as Record<string, unknown>);
    }
    return values;
  };
}

/** Of a value in the document; undefined: a variable that was not given. */
function literalReader(type: GraphQLInputType, node: ValueNode): (variables: Values) => unknown {
  if (node.kind === Kind.VARIABLE) {
    const name = node.name.value;
    const required = isNonNullType(type);
    return (variables) => {
      if (!Object.hasOwn(variables, name)) return undefined;
      const value = variables[name];
      // It is undefined if its default does not fit, which only oneOf types notice this late.
      return value === undefined || (value === null && required) ? unfit : value;
    };
  }
  if (!holdsVariable(node)) {
    const value = valueFromAST(node, type);
    if (value === undefined) return () => unfit;
    if (typeof value !== 'object' || value === null) return () => value;
    // Made anew for each call, as resolvers may change what they get.
    return () => valueFromAST(node, type);
  }
  const inner = isNonNullType(type) ? type.ofType : type;
  if (node.kind !== Kind.OBJECT || !isInputObjectType(inner) || inner.isOneOf) return () => unfit;
  const fields = Object.values(inner.getFields()).map(({ name, type: fieldType, defaultValue }) => {
    const value = node.fields.find((each) => each.name.value === name)?.value;
    return {
      name,
      absent: defaultValue as unknown,
      required: isNonNullType(fieldType),
      read: value ? literalReader(fieldType, value) : () => undefined,
    };
  });
  return (variables) => {
    const values: Record<string, unknown> = {};
    for (const { name, absent, required, read } of fields) {
      const value = read(variables);
      if (value === unfit) return unfit;
      if (value !== undefined) values[name] = value;
      else if (absent !== undefined) values[name] = absent;
      else if (required) return unfit;
    }
    return values;
  };
}

export function holdsVariable(node: unknown): boolean {
  if (Array.isArray(node)) return node.some(holdsVariable);
  if (typeof node !== 'object' || node === null) return false;
  const { kind, value, values, fields } = node as Record<string, unknown>;
  if (kind === Kind.VARIABLE) return true;
  return holdsVariable(value) || holdsVariable(values) || holdsVariable(fields);
}
