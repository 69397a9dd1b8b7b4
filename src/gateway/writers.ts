import {
  GraphQLError,
  type GraphQLObjectType,
  type GraphQLOutputType,
  getNullableType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  locatedError,
} from 'graphql';
import { readPlain } from './field-guard.js';
import { ruleOf } from './field-rules.js';
import { leafWriter } from './leaves.js';
import type { Path, PlannedField, Run, Text } from './planned-field.js';
import type { Steadiness } from './steady.js';

/** Thrown while planning: the operation is left to graphql-js. */
export class Unplannable extends Error {}

type Asked = Exclude<PlannedField, { readonly constant: string }>;

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
      // As in graphql-js, what was begun before the failure is waited for.
      return Promise.all(parts).finally(() => {
        throw error;
      }) as Promise<never>;
    }
    return Promise.all(parts).then((texts) => {
      let text = before;
      for (let i = 0; i < texts.length; i++) text += starts[from + i]! + texts[i]!;
      return `${text}}`;
    });
  }
}

function writerOfField(field: Asked, steadiness: Steadiness): Write {
  const { key, name, owner, nodes, resolve, readArguments, type } = field;
  const isNullable = !isNonNullType(type);
  const rule = ruleOf(owner.getFields()[name]!)!;
  const complete = completion(type, field, steadiness);
  // A leaf has nothing below it that would need to know where it is.
  const isLeaf = isLeafType(getNullableType(type));

  function failed(run: Run, error: unknown, here: Path): string {
    // The operation has used up its budget: all of it ends here.
    if (run.request.work.refusal) throw error;
    const located = locatedError(error, nodes, keysOf(here));
    if (!isNullable) throw located;
    run.errors.add(located, here);
    return 'null';
  }

  function resolved(run: Run, parent: unknown): unknown {
    if (resolve === null) return readPlain(parent, rule, name, run.request.work);
    return resolve(
      parent,
      readArguments ? readArguments(run.variables) : {},
      run.request,
      undefined as never,
    );
  }

  return (run, parent, path) => {
    const here = isLeaf ? undefined : { above: path, key };
    try {
      const value = resolved(run, parent);
      const text = isPromise(value)
        ? Promise.resolve(value).then((settled) => complete(run, settled, here))
        : complete(run, value, here);
      return typeof text === 'string'
        ? text
        : text.catch((error: unknown) => failed(run, error, here ?? { above: path, key }));
    } catch (error) {
      return failed(run, error, here ?? { above: path, key });
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
    run.errors.add(located, path);
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
      throw new GraphQLError(`Expected Iterable, but did not find one for field "${where}".`);
    }
    let text = '[';
    let waiting: Text[] | null = null;
    let key = 0;
    try {
      for (const each of value as Iterable<unknown>) {
        const part = item(run, each, { above: path, key });
        if (waiting !== null) waiting.push(part);
        else if (typeof part === 'string') text += key === 0 ? part : `,${part}`;
        else waiting = [...(key === 0 ? [] : [text.slice(1)]), part];
        key++;
      }
    } catch (error) {
      // Nobody waits any more for the items that were begun, so that their failures must be handled here.
      if (waiting !== null) void Promise.allSettled(waiting);
      throw error;
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
