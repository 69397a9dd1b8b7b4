import { GraphQLError, type GraphQLSchema, isEnumType, Kind } from 'graphql';
import { notValue } from '../kit/shown-value.js';

const namedMax = 40;

/** Makes the error of a value that an enum does not have list the values that it has. graphql-js names only the value received. */
export function nameEnumValues(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isEnumType(type) || type.name.startsWith('__')) continue;
    const names = type.getValues().map(({ name }) => name);
    const more = names.length > namedMax ? ' …' : '';
    const allowed = `${type.name} must be one of ${names.slice(0, namedMax).join(', ')}${more}`;
    const { parseValue, parseLiteral } = type;
    type.parseValue = (value, hideSuggestions) =>
      typeof value === 'string' && type.getValue(value)
        ? parseValue.call(type, value, hideSuggestions)
        : refuse(allowed, value);
    type.parseLiteral = (node, variables, hideSuggestions) =>
      node.kind === Kind.ENUM && type.getValue(node.value)
        ? parseLiteral.call(type, node, variables, hideSuggestions)
        : refuse(allowed, 'value' in node ? node.value : null);
  }
}

function refuse(allowed: string, value: unknown): never {
  throw new GraphQLError(notValue(allowed, value));
}
