import { isProxy } from 'node:util/types';
import { GraphQLError, type GraphQLSchema, isScalarType, isSpecifiedScalarType } from 'graphql';
import { isRapportError } from '../errors.js';

/** The fields that graphql-js and the masking of errors read, outside of any field that could be null. */
const errorFields = [
  'path',
  'nodes',
  'source',
  'positions',
  'message',
  'name',
  'stack',
  'extensions',
  'originalError',
];

/** Returns the error of a plugin, or another error if reading it would throw. */
export function readableError(error: unknown): unknown {
  if (typeof error !== 'object' || error === null) return error;
  try {
    if (isProxy(error)) throw new TypeError('it is a Proxy');
    for (const field of errorFields) void Reflect.get(error, field);
    return error;
  } catch (cause) {
    return new Error('an error that cannot be read', { cause: isProxy(cause) ? undefined : cause });
  }
}

/** Replaces an error of a scalar that was not meant for callers. */
export class ScalarRefusal extends Error {
  readonly scalar: string;

  constructor(scalar: string, cause: unknown) {
    super('The value is not one that it takes.', { cause });
    this.scalar = scalar;
  }
}

/**
 * Makes every custom scalar return a value that JSON has, or throw. So a value that cannot be serialized makes only its field fail, in both
 * executors, and not the whole response. An error that a custom scalar throws while it reads a value is shown only if it was made for
 * callers.
 */
export function guardScalars(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isScalarType(type) || isSpecifiedScalarType(type)) continue;
    const { name, serialize, parseValue, parseLiteral } = type;
    type.parseValue = (value) => told(name, () => parseValue.call(type, value));
    type.parseLiteral = (node, variables) => told(name, () => parseLiteral.call(type, node, variables));
    type.serialize = (value) => {
      try {
        return writable(serialize.call(type, value), name);
      } catch (error) {
        throw readableError(error);
      }
    };
  }
}

function told(type: string, read: () => unknown): unknown {
  try {
    return read();
  } catch (thrown) {
    const error = readableError(thrown);
    if (error instanceof GraphQLError || isRapportError(error)) throw error;
    throw new ScalarRefusal(type, error);
  }
}

function writable(plain: unknown, type: string): unknown {
  if (typeof plain === 'string' || typeof plain === 'boolean' || plain === null || plain === undefined)
    return plain;
  if (typeof plain === 'number' && Number.isFinite(plain)) return plain;
  const text = JSON.stringify(plain) as string | undefined;
  if (text === undefined || text === 'null')
    throw new TypeError(`the scalar ${type} returned a ${typeof plain}, which JSON does not have`);
  return JSON.parse(text);
}
