import type { GraphQLScalarType } from 'graphql';
import type { Context } from './context.js';

interface SubscriptionResolver {
  /** Returns an async iterable of events. */
  readonly subscribe: FieldResolver;
  /** Returns the value of the field for an event. If omitted, events are `{ field: value }`. */
  readonly resolve?: FieldResolver;
}
type FieldResolver = (parent: never, args: never, request: never, info: never) => unknown;
/** Resolvers by type and field. A scalar is a whole type. */
export type Resolvers = Readonly<
  Record<string, Readonly<Record<string, FieldResolver | SubscriptionResolver>> | GraphQLScalarType>
>;

/** The source of an object of the graph. */
export interface SteadyKey {
  /** Immutable: a change puts another object in its place. */
  readonly of: object;
  /** All else that its fields hang on: the language, the caller's role, the version of what else was looked at. Short. */
  readonly beside: string;
}

/** All that the fields of an object of the graph depend on. */
export interface NodeIdentity {
  /** null: they do not depend on one. */
  readonly context: Context | null;
  /** All else that they depend on, as JSON has it; its ids first. Short, since node ids hold it. */
  readonly key: readonly unknown[];
}

/** The identity of the objects of one type that implements `Node`, and how they are found again. */
export interface NodeType {
  /** The field that returns such objects, for example `Query.product`. Its roles, its cost and `@public` hold for `Query.node`, too. */
  readonly field: string;
  /**
   * The parts of a context that the fields depend on. `place`: currency, locale, store, customer group and moment. `person`: these, and
   * channel, session, customer and device.
   */
  readonly view: 'place' | 'person';
  identify(object: never, request: never): NodeIdentity;
  /**
   * Returns the object of an identity that `identify` returned, for a caller who may have its context; null if there is none (any more). For a place,
   * `context.customerGroup` is the one of the identity only if the caller may name it; `customerGroup` always is.
   */
  find(identity: FoundIdentity<never>, request: never): unknown;
}

/** An identity that was read from a node id. Its key is as `identify` made it, since node ids cannot be forged. */
export interface FoundIdentity<K extends readonly unknown[]> {
  readonly context: Context | null;
  readonly customerGroup: string | null;
  readonly key: K;
}
