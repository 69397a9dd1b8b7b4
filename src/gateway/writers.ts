import {
  type FieldNode,
  type GraphQLError,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLOutputType,
  getNullableType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  locatedError,
} from 'graphql';
import type { Bytes } from './bytes.js';
import { readPlain } from './field-guard.js';
import { ruleOf } from './field-rules.js';
import { leafWriter } from './leaves.js';
import type { TrackedRequest } from './request-context.js';
import type { Steadiness } from './steady.js';

/** A piece of the answer as JSON: at once if nothing in it had to be waited for. */
export type Text = Bytes | Promise<Bytes>;

/** Thrown while planning: the operation is left to graphql-js. */
export class Unplannable extends Error {}

/** One execution of a plan. */
export interface Run {
  readonly request: TrackedRequest;
  /** Coerced. */
  readonly variables: Readonly<Record<string, unknown>>;
  readonly errors: GraphQLError[];
  /** Arguments that hang on variables, by their number in the plan, once they have been read. */
  readonly argumentLists: (Readonly<Record<string, unknown>> | undefined)[];
}

export type ArgumentsOf =
  | Readonly<Record<string, unknown>>
  | ((run: Run) => Readonly<Record<string, unknown>>);

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
      readonly args: ArgumentsOf;
      /** The fields that were asked for of an object. */
      below(type: GraphQLObjectType): PlannedField[];
    };

type Asked = Exclude<PlannedField, { readonly constant: string }>;

/** Where in the answer, innermost first. */
interface Path {
  readonly above: Path | undefined;
  readonly key: string | number;
}

type Write = (run: Run, value: unknown, path: Path | undefined) => Text;

interface Options {
  readonly steadiness: Steadiness;
  /** One field after the other. */
  readonly serial?: boolean;
}

/** The writer of an object's fields. */
export function writerOfFields(
  type: GraphQLObjectType,
  fields: readonly PlannedField[],
  { steadiness, serial = false }: Options,
): Write {
  const starts = fields.map(({ key }, i) => `${i === 0 ? '{' : ','}${JSON.stringify(key)}:`);
  const writers = fields.map((field) =>
    field.constant === undefined ? writerOfField(field, steadiness) : () => field.constant,
  );
  if (writers.length === 0) return () => '{}';
  if (serial) return writeInTurn;
  const writeAll: Write = (run, parent, path) => {
    let text = '';
    for (let i = 0; i < writers.length; i++) {
      const part = writers[i]!(run, parent, path);
      if (typeof part !== 'string') return writeRest(run, parent, path, i, text, part);
      text += starts[i]! + part;
    }
    return `${text}}`;
  };
  return steadiness.kept(type, fields, writeAll);

  async function writeInTurn(run: Run, parent: unknown, path: Path | undefined): Promise<string> {
    let text = '';
    for (let i = 0; i < writers.length; i++) text += starts[i]! + (await writers[i]!(run, parent, path));
    return `${text}}`;
  }

  /** From the first field on that has to be waited for; those behind it begin at once. */
  function writeRest(
    run: Run,
    parent: unknown,
    path: Path | undefined,
    from: number,
    before: string,
    first: Promise<string>,
  ): Promise<string> {
    const parts: Text[] = [first];
    try {
      for (let i = from + 1; i < writers.length; i++) parts.push(writers[i]!(run, parent, path));
    } catch (error) {
      return failedBeside(parts, error);
    }
    return Promise.all(parts).then((texts) => {
      let text = before;
      for (let i = 0; i < texts.length; i++) text += starts[from + i]! + texts[i]!;
      return `${text}}`;
    });
  }
}

/** Nobody waits any more for what was begun beside a failure. */
function failedBeside(parts: readonly Text[], error: unknown): Promise<never> {
  void Promise.allSettled(parts);
  return Promise.reject(error);
}

function writerOfField(field: Asked, steadiness: Steadiness): Write {
  const { key, name, owner, nodes, resolve, args, type } = field;
  const isNullable = !isNonNullType(type);
  const rule = ruleOf(owner.getFields()[name]!)!;
  const complete = completion(type, field, steadiness);
  // A leaf has nothing below it that would need to know where it is.
  const isLeaf = isLeafType(getNullableType(type));

  function failed(run: Run, error: unknown, path: Path | undefined): string {
    // The operation has used up its budget: all of it ends here.
    if (run.request.work.refusal) throw error;
    const located = locatedError(error, nodes, keysOf({ above: path, key }));
    if (!isNullable) throw located;
    run.errors.push(located);
    return 'null';
  }

  function resolved(run: Run, parent: unknown): unknown {
    if (resolve === null) return readPlain(parent, rule, name, run.request.work);
    return resolve(parent, typeof args === 'function' ? args(run) : args, run.request, undefined as never);
  }

  return (run, parent, path) => {
    try {
      const value = resolved(run, parent);
      const here = isLeaf ? undefined : { above: path, key };
      const text = isPromise(value)
        ? Promise.resolve(value).then((settled) => complete(run, settled, here))
        : complete(run, value, here);
      return typeof text === 'string' ? text : text.catch((error: unknown) => failed(run, error, path));
    } catch (error) {
      return failed(run, error, path);
    }
  };
}

/** Writes a value of a type; throws, or rejects with, what is the field's to report. */
function completion(type: GraphQLOutputType, field: Asked, steadiness: Steadiness): Write {
  if (isNonNullType(type)) {
    const inner = completion(type.ofType, field, steadiness);
    return (run, value, path) => {
      if (value === null || value === undefined) {
        throw new Error(`Cannot return null for non-nullable field ${field.owner.name}.${field.name}.`);
      }
      return inner(run, value, path);
    };
  }
  if (isListType(type)) return listWriter(type.ofType, field, steadiness);
  if (isLeafType(type)) return leafWriter(type, steadiness.writeText);
  if (!isObjectType(type)) throw new Unplannable();
  const write = writerOfFields(type, field.below(type), { steadiness });
  return (run, value, path) => {
    if (value === null || value === undefined) return 'null';
    if (value instanceof Error) throw value;
    return write(run, value, path);
  };
}

function listWriter(itemType: GraphQLOutputType, field: Asked, steadiness: Steadiness): Write {
  const complete = completion(itemType, field, steadiness);
  const isNullable = !isNonNullType(itemType);

  function failed(run: Run, error: unknown, path: Path): string {
    if (run.request.work.refusal) throw error;
    const located = locatedError(error, field.nodes, keysOf(path));
    if (!isNullable) throw located;
    run.errors.push(located);
    return 'null';
  }

  function item(run: Run, value: unknown, path: Path): Text {
    try {
      const text = isPromise(value)
        ? Promise.resolve(value).then((settled) => complete(run, settled, path))
        : complete(run, value, path);
      return typeof text === 'string' ? text : text.catch((error: unknown) => failed(run, error, path));
    } catch (error) {
      return failed(run, error, path);
    }
  }

  return (run, value, path) => {
    if (value === null || value === undefined) return 'null';
    if (value instanceof Error) throw value;
    if (typeof value !== 'object' || !(Symbol.iterator in value)) {
      const where = `${field.owner.name}.${field.name}`;
      throw new Error(`Expected Iterable, but did not find one for field "${where}".`);
    }
    let text = '[';
    let waiting: Text[] | null = null;
    let key = 0;
    for (const each of value as Iterable<unknown>) {
      let part: Text;
      try {
        part = item(run, each, { above: path, key });
      } catch (error) {
        if (waiting === null) throw error;
        return failedBeside(waiting, error);
      }
      if (waiting !== null) waiting.push(part);
      else if (typeof part === 'string') text += key === 0 ? part : `,${part}`;
      else waiting = [...(key === 0 ? [] : [text.slice(1)]), part];
      key++;
    }
    if (waiting === null) return `${text}]`;
    return Promise.all(waiting).then((texts) => `[${texts.join(',')}]`);
  };
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  );
}

function keysOf(path: Path): (string | number)[] {
  const keys: (string | number)[] = [];
  for (let step: Path | undefined = path; step; step = step.above) keys.unshift(step.key);
  return keys;
}
