import {
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLSchema,
  isObjectType,
} from 'graphql';
import { type FieldRule, ruleOf } from './field-rules.js';
import { noteThrown } from './mask-error.js';
import type { TrackedRequest } from './request-context.js';
import type { Work } from './work.js';

type Field = GraphQLField<unknown, TrackedRequest>;
type Resolve = GraphQLFieldResolver<unknown, TrackedRequest>;

/** Units of work of an error of a field: it is located in the document, masked and perhaps logged. */
const errorUnits = 20;
/** Characters of a text that cost a unit of work. */
export const charactersOfUnit = 512;

/** Of a field without a resolver: a plain value of its parent, never a function. */
export const plainValue: Resolve = (parent, _, { work }, { fieldName, parentType }) =>
  readPlain(parent, ruleOf(parentType.getFields()[fieldName]!)!, fieldName, work);

export function readPlain(parent: unknown, rule: FieldRule, name: string, work: Work): unknown {
  work.spend(1);
  const value = (parent as Readonly<Record<string, unknown>> | null | undefined)?.[name];
  if (typeof value === 'function') throw new Error(`${rule.coordinate} is computed: it needs a resolver`);
  return counted(value, rule, work);
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
  if (field.subscribe) field.subscribe = guarded(field.subscribe, rule);
}

function guarded(resolve: Resolve, rule: FieldRule): Resolve {
  const { roles, weight } = rule;
  const ask: Resolve = (parent, args, request, info) => {
    const { work } = request;
    work.spend(weight);
    try {
      if (roles) request.allow(...roles);
      return counted(resolve(parent, args, request, info), rule, work);
    } catch (error) {
      noteThrown(error, rule);
      work.spend(errorUnits);
      throw error;
    }
  };
  // A resolver with more than three parameters asks for `info`; see `planOf`.
  return resolve.length > 3 ? ask : (parent, args, request) => ask(parent, args, request, undefined as never);
}

/** The value, bounded in time if it is a promise and counted by its size. */
export function counted(value: unknown, rule: FieldRule, work: Work): unknown {
  if (typeof value === 'string') {
    if (value.length >= charactersOfUnit) work.spend(value.length / charactersOfUnit);
    return value;
  }
  if (typeof value !== 'object' || value === null) return value;
  if (typeof (value as { then?: unknown }).then === 'function') {
    return work.within(
      (value as PromiseLike<unknown>).then(
        (settled) => counted(settled, rule, work),
        (error: unknown) => {
          noteThrown(error, rule);
          work.spend(errorUnits);
          throw error;
        },
      ),
      rule,
    );
  }
  if (Array.isArray(value)) {
    work.spend(value.length);
    return value.some(needsCounting) ? value.map((item) => counted(item, rule, work)) : value;
  }
  if (!(Symbol.iterator in value)) return value;
  const items: unknown[] = [];
  for (const item of value as Iterable<unknown>) {
    work.spend(1);
    items.push(counted(item, rule, work));
  }
  return items;
}

function needsCounting(item: unknown): boolean {
  if (typeof item === 'string') return item.length >= charactersOfUnit;
  if (typeof item !== 'object' || item === null) return false;
  return typeof (item as { then?: unknown }).then === 'function' || Symbol.iterator in item;
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
