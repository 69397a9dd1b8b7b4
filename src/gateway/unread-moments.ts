import {
  coerceInputValue,
  type GraphQLInputField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLSchema,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isInputType,
  isListType,
  isNonNullType,
  isRequiredInputField,
  isScalarType,
  typeFromAST,
} from 'graphql';
import { UnreadItem, UnreadMoment } from '../kit/unread-moment.js';
import { operationOf } from './plan.js';
import type { Operation } from './prepare.js';

type Values = Readonly<Record<string, unknown>>;

const directive = 'checkedByItem';

type Marked = Pick<GraphQLInputField | GraphQLInputObjectType, 'astNode'>;

/**
 * Returns the variables with an `UnreadMoment` for each value of a `@checkedByItem` field that its type does not read, and with an
 * `UnreadItem` for each such item of a list of a `@checkedByItem` type, so that the resolver rejects one item where graphql-js would
 * refuse the whole request. Returns the same object if there is none.
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
    const items = value.map((each: unknown) => itemOf(replaced(each, type.ofType), type.ofType));
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

function isMarked({ astNode }: Marked): boolean {
  return astNode?.directives?.some(({ name }) => name.value === directive) === true;
}

/** The item, or if its type is marked and does not read it, one that it reads, with the item as it was sent in a marked field. */
function itemOf(value: unknown, type: GraphQLInputType): unknown {
  const itemType = getNullableType(type);
  if (!isInputObjectType(itemType) || !isMarked(itemType) || reads(value, type)) return value;
  const fields = Object.values(itemType.getFields());
  const sent = new UnreadItem(coercedFields(value, fields));
  const item: Record<string, unknown> = {};
  for (const field of fields) {
    if (isMarked(field)) item[field.name] = sent;
    else if (isRequiredInputField(field)) item[field.name] = standInOf(field.type);
  }
  return item;
}

/** The fields that their types read, as resolvers get them, and the others as they were sent. */
function coercedFields(value: unknown, fields: readonly GraphQLInputField[]): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const given = value as Values;
  const coerced: Record<string, unknown> = { ...given };
  for (const { name, type } of fields) {
    if (Object.hasOwn(given, name) && reads(given[name], type))
      coerced[name] = coerceInputValue(given[name], type);
  }
  return coerced;
}

/** Some value that a required field of a marked type reads. */
function standInOf(type: GraphQLInputType): unknown {
  const named = getNullableType(type);
  if (isEnumType(named)) return named.getValues()[0]!.name;
  return isListType(named) ? [] : '';
}

function reads(value: unknown, type: GraphQLInputType): boolean {
  let isRead = true;
  coerceInputValue(value, type, () => {
    isRead = false;
  });
  return isRead;
}

function isUnread(value: unknown, field: GraphQLInputField): boolean {
  if (value === null || value === undefined) return false;
  const scalar = getNullableType(field.type);
  if (!isScalarType(scalar) || !isMarked(field)) return false;
  try {
    scalar.parseValue(value);
    return false;
  } catch {
    return true;
  }
}
