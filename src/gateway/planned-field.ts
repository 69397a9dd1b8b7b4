import type {
  FieldNode,
  GraphQLError,
  GraphQLFieldResolver,
  GraphQLObjectType,
  GraphQLOutputType,
} from 'graphql';
import type { Bytes } from './bytes.js';
import type { TrackedRequest } from './request-context.js';

/** A piece of the answer as JSON: at once if nothing in it had to be waited for. */
export type Text = Bytes | Promise<Bytes>;

/** A place in the answer, innermost first. */
export interface Path {
  readonly above: Path | undefined;
  readonly key: string | number;
}

/** The errors of one answer. */
export class FieldErrors {
  readonly reported: GraphQLError[] = [];
  /** Failures so far, reported or not. */
  count = 0;
  private readonly nulled = new Set<Path | undefined>();

  /** As in graphql-js, an error at or below a place that another error has already made null is not reported. */
  add(error: GraphQLError, path: Path | undefined): void {
    this.count++;
    for (let step = path; step; step = step.above) if (this.nulled.has(step)) return;
    if (this.nulled.has(undefined)) return;
    this.nulled.add(path);
    this.reported.push(error);
  }
}

/** One execution of a plan. */
export interface Run {
  readonly request: TrackedRequest;
  /** Coerced. */
  readonly variables: Readonly<Record<string, unknown>>;
  readonly errors: FieldErrors;
}

/** A field of the answer; `constant`: one that is the same in every answer, as JSON. */
export type PlannedField =
  | { readonly key: string; readonly constant: string }
  | {
      readonly key: string;
      readonly constant?: never;
      readonly name: string;
      readonly owner: GraphQLObjectType;
      readonly type: GraphQLOutputType;
      readonly nodes: readonly FieldNode[];
      /** null: a plain value of the parent. */
      readonly resolve: GraphQLFieldResolver<unknown, unknown> | null;
      /** Makes new arguments for each call, as resolvers may change theirs; null: the field takes none. */
      readonly readArguments: ((variables: Run['variables']) => Readonly<Record<string, unknown>>) | null;
      readonly asksVariables: boolean;
      /** The fields that were asked for of an object. */
      below(type: GraphQLObjectType): PlannedField[];
    };
