import {
  GraphQLError,
  type GraphQLObjectType,
  type GraphQLOutputType,
  getNullableType,
  isEnumType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { RapportError } from '../../../src/errors.js';
import { type Tape, tapeOf } from './tape.js';
import { texts } from './values.js';

/**
 * How resolvers answer late. `gated`: each promise is settled alone, when nothing else is left to do, so that the order of
 * everything is the same in every executor. `immediate`: as usual, so that it hangs on the number of ticks in between.
 */
export type Timing = 'none' | 'gated' | 'immediate';

export interface Node {
  readonly id: string;
  readonly type: string;
}

interface Gate {
  readonly rank: number;
  open(): void;
}

/** What resolvers do: it follows from the salt, the id of the parent, the field and its arguments, and from nothing else. */
export class World {
  timing: Timing = 'none';
  /** Of 100 values how many are a failure of some sort. */
  troubles = 0;
  salt = 0;
  possibleTypes: (abstract: GraphQLOutputType) => readonly GraphQLObjectType[] = () => [];
  /** Calls and late answers, in their order. */
  trace: string[] = [];
  private gates: Gate[] = [];
  private readonly nodes = new Map<string, Node>();

  begin(): void {
    this.trace = [];
    this.gates = [];
  }

  resolve(
    parent: unknown,
    field: string,
    type: GraphQLOutputType,
    args: Record<string, unknown>,
    request: unknown,
  ): unknown {
    const above = isNode(parent) ? parent.id : `~${String(parent)}`;
    const id = `${above}.${field}${shown(args)}`;
    changeArguments(args, tapeOf(id));
    this.trace.push(request === undefined ? `read ${id}` : `call ${id}`);
    return this.value(type, id, tapeOf(`${this.salt} ${id}`));
  }

  /** Settles one of the promises that are waited for; false: there is none. */
  release(): boolean {
    if (this.gates.length === 0) return false;
    const first = this.gates.reduce((best, gate) => (gate.rank < best.rank ? gate : best));
    this.gates.splice(this.gates.indexOf(first), 1);
    first.open();
    return true;
  }

  private value(type: GraphQLOutputType, id: string, tape: Tape): unknown {
    if (this.timing === 'none' || !tape.chance(35)) return this.produced(type, id, tape);
    const late = this.later(id, tape, () => this.produced(type, id, tape));
    // Of another library.
    return tape.chance(15) ? { then: late.then.bind(late) } : late;
  }

  private later(id: string, tape: Tape, make: () => unknown): Promise<unknown> {
    if (this.timing === 'gated') {
      return new Promise((resolve, reject) => {
        const rank = tape.below(256) * 256 + tape.below(256);
        const open = () => {
          this.trace.push(`late ${id}`);
          try {
            resolve(make());
          } catch (error) {
            reject(error);
          }
        };
        this.gates.push({ rank, open });
      });
    }
    let late: Promise<unknown> = Promise.resolve();
    for (let ticks = tape.below(4); ticks > 0; ticks--) late = late.then(() => undefined);
    return late.then(make);
  }

  private produced(type: GraphQLOutputType, id: string, tape: Tape): unknown {
    if (tape.chance(this.troubles)) return this.trouble(type, id, tape);
    if (!isNonNullType(type) && tape.chance(12)) return tape.pick([null, undefined]);
    const inner = getNullableType(type);
    if (isListType(inner)) {
      const items = tape.times(0, 3, (at) => {
        const itemId = `${id}[${at}]`;
        const itemTape = tapeOf(`${this.salt} ${itemId}`);
        try {
          return this.value(inner.ofType, itemId, itemTape);
        } catch (error) {
          return error instanceof Error ? error : new Error(String(error));
        }
      });
      const kind = tape.below(8);
      return kind === 1 ? new Set(items) : kind === 2 ? items.values() : items;
    }
    if (isEnumType(inner)) return tape.pick(inner.getValues()).value;
    if (isLeafType(inner)) return leafValue(inner.name, tape);
    return this.node(isObjectType(inner) ? inner : tape.pick(this.possibleTypes(inner)), id);
  }

  private trouble(type: GraphQLOutputType, id: string, tape: Tape): unknown {
    // Such an error cannot be told from those that timing decides about; see `differenceOfImmediate`.
    const foreign = this.timing !== 'immediate' && tape.chance(30);
    const list = isListType(getNullableType(type));
    switch (tape.below(list ? 11 : 9)) {
      case 0:
        return null;
      case 1:
        throw new Error(`broken at ${id}`);
      case 2:
        throw new RapportError('missing', 'FUZZ_MISSING', `missing at ${id}`, { path: ['x', 1] });
      case 3:
        throw tape.pick<unknown>(['a text', null, undefined, { an: 'object' }]);
      case 4:
        return new Error(`returned at ${id}`);
      case 5:
        throw new GraphQLError(`of graphql at ${id}`, foreign ? { path: ['elsewhere'] } : {});
      case 6:
        return tape.pick<unknown>([
          { not: 'it' },
          [[1]],
          'three',
          1.5,
          Number.NaN,
          () => 1,
          Symbol.iterator,
          10n,
        ]);
      case 7:
        return tape.pick<unknown>([0, '', false]);
      case 8:
        return tape.pick<unknown>(['throws', 'null', 'undefined']);
      default:
        return this.failingItems(getNullableType(type), id, tape);
    }
  }

  private *failingItems(type: GraphQLOutputType, id: string, tape: Tape): Generator {
    const item = isListType(type) ? type.ofType : type;
    for (let at = tape.below(3); at > 0; at--)
      yield this.value(item, `${id}[-${at}]`, tapeOf(`${this.salt} ${id} ${at}`));
    throw new Error(`no more items at ${id}`);
  }

  /** The same object for the same id, as a catalog would keep it. */
  private node(type: GraphQLObjectType, id: string): Node {
    const known = this.nodes.get(id);
    if (known) return known;
    const node: Node = { id, type: type.name };
    for (const { name, type: fieldType, resolve } of Object.values(type.getFields())) {
      if (resolve) continue;
      Object.defineProperty(node, name, {
        enumerable: true,
        get: () => this.resolve(node, name, fieldType, {}, undefined),
      });
    }
    this.nodes.set(id, node);
    return node;
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).id === 'string';
}

function leafValue(name: string, tape: Tape): unknown {
  switch (name) {
    case 'Int':
      return tape.pick<unknown>([1, 0, -0, 2_147_483_647, '12', true, { valueOf: () => 5 }]);
    case 'Float':
      return tape.pick<unknown>([0.5, -0, 1e21, 3, '1.5', false, 5e-324]);
    case 'Boolean':
      return tape.pick<unknown>([true, false, 1, 0]);
    case 'ID':
      return tape.pick<unknown>([...texts, 7, { toJSON: () => 'json' }]);
    case 'String':
      return tape.pick<unknown>([...texts, 7, true, { toJSON: () => 'json' }]);
    default:
      return tape.pick<unknown>([
        'x',
        { b: 1, a: [null, { '“': 'ü' }] },
        [1, 'two'],
        new Date(0),
        false,
        Number.NaN,
        { gone: undefined },
      ]);
  }
}

/** As a careless resolver does. Defaults of the schema and variables are shared by graphql-js too, so only the outermost level is safe. */
function changeArguments(args: Record<string, unknown>, tape: Tape): void {
  if (tape.chance(20)) args.changed = true;
}

/** Arguments as text: what a resolver sees, the order of keys included. */
function shown(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) =>
    Object.is(each, -0)
      ? '-0'
      : each === undefined
        ? 'undefined'
        : typeof each === 'number' && !Number.isFinite(each)
          ? String(each)
          : each,
  );
}
