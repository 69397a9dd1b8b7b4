import {
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLSchema,
  getNullableType,
  isInputObjectType,
  isInputType,
  isListType,
  isNonNullType,
  isScalarType,
  typeFromAST,
} from 'graphql';
import { UnreadMoment } from '../kit/unread-moment.js';
import { operationOf } from './plan.js';
import type { Operation } from './prepare.js';

type Values = Readonly<Record<string, unknown>>;

const directive = 'checkedByItem';

/**
 * Returns the variables with an `UnreadMoment` for each value of a `@checkedByItem` field that its type does not read, so that the
 * resolver rejects one item where graphql-js would refuse the whole request. Returns the same object if there is none.
 */
export function withUnreadMoments(
  schema: GraphQLSchema,
  { prepared, variables, operationName }: Operation,
): Values | null {
  if (!variables) return null;
  let changed: Record<string, unknown> | null = null;
  for (const node of operationOf(prepared.document!, operationName ?? null)?.variableDefinitions ?? []) {
    const name = node.variable.name.value;
    const type = typeFromAST(schema, node.type);
    if (!isInputType(type) || !Object.hasOwn(variables, name)) continue;
    const value = replaced(variables[name], type);
    if (value !== variables[name]) changed = { ...(changed ?? variables), [name]: value };
  }
  return changed ?? variables;
}

function replaced(value: unknown, type: GraphQLInputType): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (isNonNullType(type)) return replaced(value, type.ofType);
  if (isListType(type)) {
    if (!Array.isArray(value)) return replaced(value, type.ofType);
    const items = value.map((each: unknown) => replaced(each, type.ofType));
    return items.some((each, i) => each !== value[i]) ? items : value;
  }
  if (!isInputObjectType(type) || Array.isArray(value)) return value;
  const fields = type.getFields();
  let changed: Record<string, unknown> | null = null;
  for (const [name, each] of Object.entries(value)) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (!field) continue;
    const read = isUnread(each, field) ? new UnreadMoment(each) : replaced(each, field.type);
    if (read !== each) changed = { ...(changed ?? value), [name]: read };
  }
  return changed ?? value;
}

function isUnread(value: unknown, { type, astNode }: GraphQLInputField): boolean {
  if (value === null || value === undefined) return false;
  const scalar = getNullableType(type);
  if (!isScalarType(scalar) || !astNode?.directives?.some(({ name }) => name.value === directive))
    return false;
  try {
    scalar.parseValue(value);
    return false;
  } catch {
    return true;
  }
}
