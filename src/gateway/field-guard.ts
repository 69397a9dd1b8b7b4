import { type GraphQLField, type GraphQLFieldResolver, type GraphQLSchema, isObjectType } from 'graphql';
import type { Request } from '../context.js';
import { ruleOf } from './field-rules.js';

type Resolve = GraphQLFieldResolver<unknown, Request>;

/** Of a field without a resolver: a plain value of its parent, never a function. */
export const plainValue: Resolve = (parent, _, __, { fieldName, parentType }) =>
  plainValueOf(parent, parentType.name, fieldName);

export function plainValueOf(parent: unknown, type: string, field: string): unknown {
  const value = (parent as Readonly<Record<string, unknown>> | null | undefined)?.[field];
  if (typeof value === 'function') throw new Error(`${type}.${field} is computed: it needs a resolver`);
  return value;
}

/** Puts what the core promises about every field before its resolver, for whatever executes the schema. */
export function guardFields(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) guard(field, type.name);
  }
}

function guard(field: GraphQLField<unknown, Request>, type: string): void {
  const { roles } = ruleOf(field)!;
  if (roles === null) return;
  const resolve: Resolve = field.resolve ?? ((parent) => plainValueOf(parent, type, field.name));
  const guarded: Resolve = (parent, args, request, info) => {
    request.allow(...roles);
    return resolve(parent, args, request, info);
  };
  field.resolve = withArityOf(resolve, guarded);
  const { subscribe } = field;
  if (subscribe) {
    field.subscribe = (parent, args, request, info) => {
      request.allow(...roles);
      return subscribe(parent, args, request, info);
    };
  }
}

/** A resolver with more than three parameters asks for `info`; see `planOf`. */
function withArityOf(original: Resolve, guarded: Resolve): Resolve {
  if (original.length > 3) return guarded;
  return (parent: unknown, args: unknown, request: Request) =>
    guarded(parent, args, request, undefined as never);
}
