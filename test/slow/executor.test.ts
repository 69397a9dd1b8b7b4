import { expect } from 'chai';
import fc from 'fast-check';
import { type GraphQLSchema, isObjectType, parse, printSchema, validate, validateSchema } from 'graphql';
import { type Request, randomRequest } from './executor/document.js';
import { type Asked, compiledExecutor, type Observed, observeInterpreted } from './executor/observe.js';
import { randomSchema } from './executor/schema.js';
import { Tape } from './executor/tape.js';
import { type Timing, World } from './executor/world.js';

/** EXECUTOR_CASES=100000 is the number that the executor was accepted with. EXECUTOR_SEED repeats a run. */
const cases = Number(process.env.EXECUTOR_CASES ?? 10_000);
const seed = Number(process.env.EXECUTOR_SEED ?? Math.floor(Math.random() * 2 ** 31));
const tapeBytes = 700;
/** Of so many cases, one is checked to be valid. */
const validatedOneOf = 10;
/** A smaller example is looked for so long. */
const shrinkMs = 30_000;

interface Case {
  readonly world: World;
  readonly schema: GraphQLSchema;
  readonly request: Request;
  readonly steadyTypes: readonly string[];
}

interface Difference {
  readonly what: string;
  readonly asked: Asked;
  readonly expected: Observed;
  readonly actual: Observed;
}

function caseOf(bytes: ArrayLike<number>): Case {
  const tape = new Tape(bytes);
  const world = new World();
  world.timing = tape.pick<Timing>(['none', 'gated', 'none', 'gated', 'immediate']);
  world.troubles = tape.pick([0, 5, 0, 15, 40]);
  world.salt = tape.below(256);
  const isSteady = tape.chance(40);
  const schema = randomSchema(tape, world);
  world.possibleTypes = (abstract) => schema.getPossibleTypes(abstract as never);
  const request = randomRequest(tape, schema);
  const objects = Object.values(schema.getTypeMap()).filter(
    (type) => isObjectType(type) && /^T\d/.test(type.name),
  );
  const steadyTypes = isSteady ? objects.map(({ name }) => name) : [];
  return { world, schema, request, steadyTypes };
}

const counts = { cases: 0, validated: 0, invalid: 0, executions: 0, planned: 0, withErrors: 0, late: 0 };
let unhandled: unknown[] = [];

/** The first difference that can be told between the two executors; null: none. */
async function differenceIn({ world, schema, request, steadyTypes }: Case): Promise<Difference | null> {
  const document = parse(request.text);
  // To check each of them would take most of the time.
  if (counts.cases++ % validatedOneOf === 0) {
    counts.validated++;
    if (validateSchema(schema).length > 0 || validate(schema, document).length > 0) counts.invalid++;
  }
  const compiled = compiledExecutor(world, schema, steadyTypes);
  for (const variables of request.variables) {
    const asked: Asked = { document, operationName: request.operationName, variables };
    unhandled = [];
    const expected = await observeInterpreted(world, schema, asked);
    // graphql-js leaves promises of a list alone once one before them has failed.
    const tolerated = unhandled.length;
    // The second time, steady texts are known.
    for (let turn = 0; turn < (steadyTypes.length > 0 ? 2 : 1); turn++) {
      unhandled = [];
      const actual = await compiled.observe(asked);
      counts.executions++;
      if (compiled.planned) counts.planned++;
      if (compiled.planned && expected.errors.length > 0) counts.withErrors++;
      if (compiled.planned && expected.trace.some((line) => line.startsWith('late'))) counts.late++;
      const what = difference(expected, actual, world.timing, steadyTypes.length > 0);
      if (what) return { what, asked, expected, actual };
      if (unhandled.length > tolerated)
        return { what: `an unhandled rejection: ${unhandled[0]}`, asked, expected, actual };
    }
  }
  return null;
}

function difference(expected: Observed, actual: Observed, timing: Timing, isKept: boolean): string | null {
  if (expected.data !== actual.data) return 'data';
  if (expected.errors.some((text) => text.includes(unknownField)))
    return differenceOfUnknown(expected, actual);
  if (timing === 'immediate') return differenceOfImmediate(expected, actual);
  if (isKept) return same([...expected.errors].sort(), [...actual.errors].sort()) ? null : 'errors';
  if (!same(expected.errors, actual.errors)) return 'errors';
  if (!same(expected.logged, actual.logged)) return 'logged messages';
  return same(expected.trace, actual.trace) ? null : 'order of side effects';
}

const unknownField = 'is not defined by type';

/**
 * Of the fields that an input type does not have, graphql-js tells each beside the whole object, and whatever else is wrong; the
 * gateway tells the first of one variable, with the place and the value of the field itself.
 */
function differenceOfUnknown(expected: Observed, actual: Observed): string | null {
  const told = (text: string) =>
    /^Variable "(\$\w+)" got invalid value .*; Field "(\w+)" is not defined by type "(\w+)"/s
      .exec((JSON.parse(text) as { message: string }).message)
      ?.slice(1)
      .join();
  const [error, ...others] = actual.errors;
  const mine = error === undefined ? undefined : told(error);
  const isTold = mine !== undefined && expected.errors.some((text) => told(text) === mine);
  const isSilent = same(expected.logged, actual.logged) && actual.trace.length === 0;
  return isTold && others.length === 0 && isSilent ? null : 'errors of unknown fields of inputs';
}

/** Ticks decide which failures came before one that took their parent with it; all others are the same. */
function differenceOfImmediate(expected: Observed, actual: Observed): string | null {
  const places = [expected, actual].map(({ errors, data }) => {
    const lasting: string[] = [];
    const lost = new Set<string>();
    for (const text of errors) {
      const { path = [] } = JSON.parse(text) as { path?: (string | number)[] };
      const depth = depthOfNull(JSON.parse(data ?? 'null'), path);
      if (depth === path.length) lasting.push(text);
      else lost.add(JSON.stringify(path.slice(0, depth)));
    }
    return { lasting: lasting.sort(), lost: [...lost].sort() };
  });
  return same(places[0], places[1]) ? null : 'errors';
}

function depthOfNull(data: unknown, path: readonly (string | number)[]): number {
  let value = data;
  let depth = 0;
  while (depth < path.length && value !== null && value !== undefined)
    value = (value as Record<string | number, unknown>)[path[depth++]!];
  return depth;
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function described(bytes: ArrayLike<number>, found: Difference): string {
  const { schema, world, steadyTypes } = caseOf(bytes);
  let shown: string;
  try {
    shown = printSchema(schema);
  } catch (error) {
    shown = `a schema that cannot be printed: ${error}`;
  }
  return [
    `EXECUTOR_SEED=${seed}: ${found.what} of the compiled executor differ from graphql-js`,
    `timing ${world.timing}, troubles ${world.troubles}, steady types ${steadyTypes.join() || 'none'}`,
    shown,
    found.asked.document.loc?.source.body,
    `validation: ${validate(schema, found.asked.document).join('; ') || 'valid'}`,
    `variables ${JSON.stringify(found.asked.variables)}, operation ${found.asked.operationName}`,
    `graphql-js: ${JSON.stringify(found.expected, null, 2)}`,
    `compiled: ${JSON.stringify(found.actual, null, 2)}`,
  ].join('\n');
}

describe('The compiled executor', () => {
  const note = (error: unknown) => void unhandled.push(error);
  const { stackTraceLimit } = Error;
  let others: NodeJS.UnhandledRejectionListener[];
  before(() => {
    Error.stackTraceLimit = 0;
    others = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection');
    process.on('unhandledRejection', note);
  });
  after(() => {
    Error.stackTraceLimit = stackTraceLimit;
    process.off('unhandledRejection', note);
    for (const other of others) process.on('unhandledRejection', other);
  });

  it(`answers ${cases} random operations as graphql-js does`, async function () {
    this.timeout(0);
    const bytes = fc.uint8Array({ minLength: 0, maxLength: tapeBytes, size: 'max' });
    let shrinkUntilMs = Number.POSITIVE_INFINITY;
    const property = fc.asyncProperty(bytes, async (tape) => {
      if (performance.now() > shrinkUntilMs || (await differenceIn(caseOf(tape))) === null) return;
      shrinkUntilMs = Math.min(shrinkUntilMs, performance.now() + shrinkMs);
      throw new Error('a difference');
    });
    const details = await fc.check(property, { seed, numRuns: cases });
    if (details.failed) {
      const [tape] = details.counterexample!;
      const found = await differenceIn(caseOf(tape));
      if (!found) throw new Error(`EXECUTOR_SEED=${seed}: a difference that comes and goes`);
      throw new Error(described(tape, found));
    }
    console.log(`      ${JSON.stringify({ seed, ...counts })}`);
    // So that the test cannot become one of graphql-js beside itself.
    expect(counts.invalid).to.equal(0);
    expect(counts.planned / counts.executions).to.be.above(0.6);
    expect(counts.withErrors / counts.planned).to.be.above(0.1);
    expect(counts.late / counts.planned).to.be.above(0.1);
  });
});
