import {
  GraphQLError,
  type GraphQLInputType,
  type GraphQLSchema,
  isInputObjectType,
  isInputType,
  isListType,
  isNonNullType,
  typeFromAST,
} from 'graphql';
import { shownValue } from '../kit/shown-value.js';
import { operationOf } from './plan.js';
import type { Operation } from './prepare.js';

const nameMax = 100;

interface Unknown {
  readonly field: string;
  readonly value: unknown;
  readonly type: string;
  /** From the object that has the field up to the variable. */
  readonly path: (string | number)[];
}

/**
 * Returns the error of the first field in the variables that its input type does not have. graphql-js would make an error of each such
 * field, with the whole object in it. Here only the value of the field is shown, and cut. `isShown`: the caller may know the fields.
 */
export function unknownInput(
  schema: GraphQLSchema,
  { prepared, variables, operationName }: Operation,
  isShown: boolean,
): GraphQLError | null {
  if (!variables) return null;
  const operation = operationOf(prepared.document!, operationName ?? null);
  for (const node of operation?.variableDefinitions ?? []) {
    const name = node.variable.name.value;
    const type = typeFromAST(schema, node.type);
    const found = isInputType(type) && Object.hasOwn(variables, name) ? search(variables[name], type) : null;
    if (!found) continue;
    const { path, field, value, type: owner } = found;
    const place = path.reverse().map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`));
    const known = isShown ? ` It has: ${fieldsOf(schema, owner).join(', ')}.` : '';
    return new GraphQLError(
      `Variable "$${name}" got invalid value ${shownValue(value)} at "${name}${place.join('')}.${field.slice(0, nameMax)}"; ` +
        `Field "${field.slice(0, nameMax)}" is not defined by type "${owner}".${known}`,
      { nodes: node },
    );
  }
  return null;
}

function search(value: unknown, type: GraphQLInputType): Unknown | null {
  if (typeof value !== 'object' || value === null) return null;
  if (isNonNullType(type)) return search(value, type.ofType);
  if (isListType(type)) {
    if (!Array.isArray(value)) return search(value, type.ofType);
    for (let i = 0; i < value.length; i++) {
      const found = below(search(value[i], type.ofType), i);
      if (found) return found;
    }
    return null;
  }
  if (!isInputObjectType(type) || Array.isArray(value)) return null;
  const fields = type.getFields();
  for (const [name, each] of Object.entries(value)) {
    const field = fields[name];
    const found = field
      ? below(search(each, field.type), name)
      : { field: name, value: each, type: type.name, path: [] };
    if (found) return found;
  }
  return null;
}

function below(found: Unknown | null, step: string | number): Unknown | null {
  found?.path.push(step);
  return found;
}

function fieldsOf(schema: GraphQLSchema, name: string): string[] {
  const type = schema.getType(name);
  return isInputObjectType(type) ? Object.keys(type.getFields()) : [];
}
