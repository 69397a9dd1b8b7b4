import {
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  GraphQLNonNull,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isInterfaceType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
} from 'graphql';
import type { Tape } from './tape.js';
import { jsonValue, literal } from './values.js';

export interface Request {
  readonly text: string;
  readonly operationName: string | null;
  /** Values that clients could send, to be executed one after the other. */
  readonly variables: readonly Readonly<Record<string, unknown>>[];
}

interface Variable {
  readonly type: GraphQLInputType;
  readonly default: string | null;
}

type Composite = GraphQLNamedType;
/** A field as it is written before its selections, so that it can be asked for again. */
interface Asked {
  readonly head: string;
  readonly below: Composite | null;
}

const deepest = 5;
const selectionsMax = 60;

/** A random valid operation of a schema, with variables for it. */
export function randomRequest(tape: Tape, schema: GraphQLSchema): Request {
  const variables = new Map<string, Variable>();
  const fragments = new Map<string, { readonly on: string; body: string }>();
  /** The arguments of a field that is asked for under its own name. */
  const unaliased = new Map<string, string>();
  let aliases = 0;
  let selections = 0;

  function variableFor(type: GraphQLInputType, hasDefault: boolean, required: boolean): string | null {
    if (!tape.chance(35)) return null;
    const wanted = required && !isNonNullType(type) ? new GraphQLNonNull(type as never) : type;
    for (const [name, known] of variables) {
      if (String(known.type) === String(wanted) && tape.chance(60)) return `$${name}`;
    }
    const name = `v${variables.size}`;
    const bare = getNullableType(wanted) as GraphQLInputType;
    let made: Variable = { type: wanted, default: null };
    if (isNonNullType(wanted) && !required) {
      if (tape.chance(40)) made = { type: bare, default: constant(wanted) };
      else if (hasDefault && tape.chance(50)) made = { type: bare, default: null };
    } else if (tape.chance(30)) made = { type: wanted, default: constant(wanted) };
    else if (!isNonNullType(wanted) && tape.chance(20))
      made = { type: new GraphQLNonNull(bare as never), default: null };
    variables.set(name, made);
    return `$${name}`;
  }

  function constant(type: GraphQLInputType): string {
    return literal(tape, type, 1, () => null);
  }

  function directives(): string {
    if (!tape.chance(15)) return '';
    const name = tape.pick(['include', 'skip']);
    const type = schema.getType('Boolean') as GraphQLInputType;
    const value = tape.chance(60)
      ? (variableFor(new GraphQLNonNull(type as never), false, false) ?? 'true')
      : tape.pick(['true', 'false']);
    return ` @${name}(if: ${value})`;
  }

  function argumentsOf(field: GraphQLField<unknown, unknown>): string {
    const given = field.args.filter((each) => isRequiredArgument(each) || tape.chance(60));
    if (given.length === 0) return '';
    const written = given.map(
      (each) => `${each.name}: ${literal(tape, each.type, 0, variableFor, each.defaultValue !== undefined)}`,
    );
    return `(${written.join(', ')})`;
  }

  function ask(type: Composite): Asked {
    const fields = isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : [];
    if (fields.length === 0 || tape.chance(7)) return { head: `n${aliases++}: __typename`, below: null };
    const field = tape.pick(fields);
    const named = getNamedType(field.type);
    const below = isCompositeType(named) ? named : null;
    const known = unaliased.get(field.name);
    if (tape.chance(40)) return { head: `n${aliases++}: ${field.name}${argumentsOf(field)}`, below };
    const args = known ?? argumentsOf(field);
    unaliased.set(field.name, args);
    return { head: `${field.name}${args}`, below };
  }

  function selectionsOf(type: Composite, depth: number, scope: Asked[]): string {
    const indent = `\n${' '.repeat(depth + 1)}`;
    const lines = tape.times(1, 5, (index) => selection(type, depth, scope, index));
    return `{${indent}${lines.join(indent)}\n}`;
  }

  function selection(type: Composite, depth: number, scope: Asked[], index: number): string {
    selections++;
    if (depth < deepest && index > 0 && tape.chance(12)) {
      const on = conditionFor(type);
      const same = on === '' || on === ` on ${type.name}`;
      const inner = on === '' ? type : schema.getType(on.slice(4))!;
      return `...${on}${directives()} ${selectionsOf(inner, depth + 1, same ? scope : [])}`;
    }
    if (depth < deepest && index > 0 && tape.chance(12))
      return `...${fragmentOn(type, depth)}${directives()}`;
    const again = scope.length > 0 && tape.chance(20);
    const asked = again ? tape.pick(scope) : ask(type);
    if (!again) scope.push(asked);
    const { head, below } = asked;
    if (!below) return `${head}${directives()}`;
    if (depth >= deepest || selections > selectionsMax) return `${head}${directives()} { __typename }`;
    return `${head}${directives()} ${selectionsOf(below, depth + 1, [])}`;
  }

  function conditionFor(type: Composite): string {
    const interfaces = isObjectType(type) ? type.getInterfaces() : [];
    return tape.pick(['', ` on ${type.name}`, ...interfaces.map(({ name }) => ` on ${name}`)]);
  }

  function fragmentOn(type: Composite, depth: number): string {
    for (const [name, { on }] of fragments) if (on === type.name && tape.chance(50)) return name;
    const name = `F${fragments.size}`;
    // Another name until it is written, so that it never holds itself.
    fragments.set(name, { on: '', body: '' });
    const body = selectionsOf(type, depth + 1, []);
    fragments.set(name, { on: type.name, body });
    return name;
  }

  const isMutation = tape.chance(30);
  const root = isMutation ? schema.getMutationType()! : schema.getQueryType()!;
  const body = selectionsOf(root, 0, []);
  const definitions = [...variables].map(
    ([name, { type, default: value }]) => `$${name}: ${type}${value === null ? '' : ` = ${value}`}`,
  );
  const others = tape.chance(10);
  const head = `${isMutation ? 'mutation' : 'query'} Asked${definitions.length > 0 ? `(${definitions.join(', ')})` : ''}`;
  const text = [
    `${head} ${body}`,
    ...[...fragments].map(([name, { on, body: inside }]) => `fragment ${name} on ${on} ${inside}`),
    ...(others ? ['query Other { __typename }'] : []),
  ].join('\n');

  const wild = tape.chance(25);
  const given = tape.times(1, 3, () => {
    const values: Record<string, unknown> = {};
    for (const [name, { type, default: fallback }] of variables) {
      const isOptional = fallback !== null || !isNonNullType(type);
      if ((isOptional || wild) && tape.chance(isOptional ? 35 : 10)) continue;
      values[name] = jsonValue(tape, type, 0, wild);
    }
    return values;
  });
  return { text, operationName: others || tape.chance(20) ? 'Asked' : null, variables: given };
}
