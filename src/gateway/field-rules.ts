import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getDirectiveValues,
  isObjectType,
} from 'graphql';
import type { Role } from '../context.js';
import { type Counter, counterOf } from './counting.js';
import type { DeclaredField } from './declared-field.js';

/** What the SDL declares about a field beside its type; see the directives in `schema/base.graphql`. */
export interface FieldRule extends DeclaredField {
  /** Who may ask for it; null: everybody with a key. */
  readonly roles: readonly Role[] | null;
  /** How long shared caches may keep it; null: they may not. */
  readonly publicSeconds: number | null;
  /** Units of work of one call. */
  readonly weight: number;
  /** Units of work for each item of these arguments. */
  readonly perItem: number;
  readonly itemsOf: readonly string[];
  /** Units of work for the value of its first argument. If omitted, none. */
  readonly unitsOf?: (value: unknown) => number;
  readonly count: Counter;
  readonly listSize: { readonly assumed: number | null; readonly slicingArguments: readonly string[] };
}

/** Who declares a type (`Shopper`), a field (`Shopper.weather`) or an enum value (`Channel.WEB`). */
export type OwnerOf = (coordinate: string) => string | undefined;

type Field = Pick<GraphQLField<unknown, never>, 'name' | 'type' | 'args' | 'astNode' | 'extensions'>;

/** The rule of a field of a schema that `buildGraph` made; undefined: the field belongs to introspection. */
export function ruleOf(field: Field): FieldRule | undefined {
  return field.extensions.rapport as FieldRule | undefined;
}

/** Reads the rules of all fields and attaches them. Throws an Error that names plugin and field if one is at fault. */
export function attachRules(schema: GraphQLSchema, ownerOf: OwnerOf): void {
  const roots: readonly unknown[] = [
    schema.getQueryType(),
    schema.getMutationType(),
    schema.getSubscriptionType(),
  ];
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      const rule = read(schema, type, field, ownerOf);
      if (roots.includes(type)) refuseUndeclared(rule);
      if (rule.publicSeconds !== null && roots.indexOf(type) > 0)
        throw new Error(
          `${rule.owner} declares ${rule.coordinate} @public; only what is read can be, use @allow`,
        );
      field.extensions = { ...field.extensions, rapport: rule };
    }
  }
}

function read(schema: GraphQLSchema, type: GraphQLObjectType, field: Field, ownerOf: OwnerOf): FieldRule {
  const coordinate = `${type.name}.${field.name}`;
  const owner = ownerOf(coordinate)!;
  const valuesOf = (directive: string): Readonly<Record<string, unknown>> | undefined => {
    try {
      return field.astNode ? getDirectiveValues(schema.getDirective(directive)!, field.astNode) : undefined;
    } catch (error) {
      throw new Error(`${owner} declares ${coordinate} with a faulty @${directive}: ${String(error)}`);
    }
  };
  const listSize = valuesOf('listSize');
  const cost = valuesOf('cost');
  const takesFirst = field.args.some(({ name }) => name === 'first');
  return {
    coordinate,
    owner,
    isAdded: ownerOf(type.name) !== owner,
    isWrite: type === schema.getMutationType(),
    roles: (valuesOf('allow')?.roles as readonly Role[] | undefined) ?? null,
    publicSeconds: (valuesOf('public')?.maxAge as number | undefined) ?? null,
    count: counterOf(field.type),
    weight: (cost?.weight as number | undefined) ?? 1,
    perItem: (cost?.perItem as number | undefined) ?? 0,
    itemsOf: (cost?.itemsOf as readonly string[] | undefined) ?? [],
    listSize: {
      assumed: (listSize?.assumedSize as number | null | undefined) ?? null,
      slicingArguments:
        (listSize?.slicingArguments as readonly string[] | null | undefined) ?? (takesFirst ? ['first'] : []),
    },
  };
}

function refuseUndeclared({ coordinate, owner, roles, publicSeconds }: FieldRule): void {
  if (roles !== null || publicSeconds !== null) return;
  throw new Error(
    `${owner} declares ${coordinate} without saying who may ask for it: add @allow(roles: [STOREFRONT, SERVER, MERCHANDISER]) ` +
      'with the roles that may, or @public if the answer is the same for everybody and shared caches may keep it',
  );
}
