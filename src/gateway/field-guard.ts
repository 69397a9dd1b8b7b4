import {
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLSchema,
  isObjectType,
} from 'graphql';
import { countSource } from './counting.js';
import { type FieldRule, ruleOf } from './field-rules.js';
import { inputBytesOf } from './input-bytes.js';
import { noteThrown } from './mask-error.js';
import type { TrackedRequest } from './request-context.js';
import { readableError } from './safe-values.js';
import type { Work } from './work.js';

type Field = GraphQLField<unknown, TrackedRequest>;
type Resolve = GraphQLFieldResolver<unknown, TrackedRequest>;

/** Fields of this weight and more are heavy: in an expensive operation each takes a turn of its own. */
const heavyWeight = 500;

/** Of a field without a resolver: a plain value of its parent, never a function. */
export const plainValue: Resolve = (parent, _, { work }, { fieldName, parentType }) =>
  readPlain(parent, ruleOf(parentType.getFields()[fieldName]!)!, fieldName, work);

export function readPlain(parent: unknown, rule: FieldRule, name: string, work: Work): unknown {
  work.spend(1);
  try {
    const value = (parent as Readonly<Record<string, unknown>> | null | undefined)?.[name];
    if (typeof value === 'function') throw new Error(`${rule.coordinate} is computed: it needs a resolver`);
    return rule.count(value, rule, work);
  } catch (error) {
    throw readableError(error);
  }
}

/**
 * Puts what the core promises about every field around its resolver, for whatever executes the schema: who may ask, what it costs,
 * and that nobody waits for it without end.
 */
export function guardFields(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) guard(field as Field);
  }
  refuseSilent(schema.getSubscriptionType());
}

function guard(field: Field): void {
  const rule = ruleOf(field)!;
  const { resolve } = field;
  if (resolve) field.resolve = guarded(resolve, rule);
  else if (rule.roles)
    field.resolve = guarded((parent, _, { work }) => readPlain(parent, rule, field.name, work), rule);
  if (field.subscribe) field.subscribe = guarded(field.subscribe, { ...rule, count: countSource });
}

function guarded(resolve: Resolve, rule: FieldRule): Resolve {
  const { roles, weight, count, isWrite: isMutation } = rule;
  const ask: Resolve = (parent, args, request, info) => {
    const { work } = request;
    work.spend(weight);
    try {
      if (roles) request.allow(...roles);
      if (isMutation) request.stores(inputBytesOf(args));
      const value =
        weight < heavyWeight
          ? resolve(parent, args, request, info)
          : work.start(() => resolve(parent, args, request, info));
      return count(value, rule, work);
    } catch (thrown) {
      const error = readableError(thrown);
      noteThrown(error, rule);
      work.fail();
      throw error;
    }
  };
  // A resolver with more than three parameters asks for `info`; see `planOf`.
  return resolve.length > 3 ? ask : (parent, args, request) => ask(parent, args, request, undefined as never);
}

function refuseSilent(subscription: GraphQLObjectType | null | undefined): void {
  for (const field of Object.values(subscription?.getFields() ?? {})) {
    if (field.subscribe) continue;
    const { owner, coordinate } = ruleOf(field)!;
    throw new Error(
      `${owner} declares ${coordinate} without a source: resolve it as { subscribe: (…) => an async iterable }`,
    );
  }
}
