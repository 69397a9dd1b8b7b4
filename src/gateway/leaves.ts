import {
  GraphQLBoolean,
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  type GraphQLLeafType,
  GraphQLString,
  isEnumType,
} from 'graphql';
import { inspect } from 'graphql/jsutils/inspect.js';
import { type Bytes, bytesOf } from './bytes.js';

/** Writes a scalar or an enum value as JSON: short ways for what most values are, and else by the type's own `serialize`. */
export function leafWriter(
  type: GraphQLLeafType,
  writeText: (text: string) => Bytes,
): (run: unknown, value: unknown) => Bytes {
  function serialized(value: unknown): string {
    if (value === null || value === undefined) return 'null';
    if (value instanceof Error) throw value;
    const plain = type.serialize(value) as unknown;
    if (plain === null || plain === undefined) {
      throw new Error(
        `Expected \`${inspect(type)}.serialize(${inspect(value)})\` to return non-nullable value, returned: ${inspect(plain)}`,
      );
    }
    return bytesOf(JSON.stringify(plain) ?? 'null');
  }
  if (isEnumType(type)) {
    const texts = new Map(type.getValues().map(({ name, value }) => [value as unknown, `"${name}"`]));
    // A value is never null, even if the enum names one so.
    texts.delete(null);
    return (_, value) => texts.get(value) ?? serialized(value);
  }
  switch (type) {
    case GraphQLString:
    case GraphQLID:
      return (_, value) => (typeof value === 'string' ? writeText(value) : serialized(value));
    case GraphQLInt:
      return (_, value) =>
        typeof value === 'number' && (value | 0) === value ? String(value) : serialized(value);
    case GraphQLFloat:
      return (_, value) => (Number.isFinite(value) ? String(value) : serialized(value));
    case GraphQLBoolean:
      return (_, value) => (value === true ? 'true' : value === false ? 'false' : serialized(value));
    default:
      return (_, value) => serialized(value);
  }
}
