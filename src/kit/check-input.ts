import { z } from 'zod';
import { didYouMean } from './nearest-name.js';
import { notValue } from './shown-value.js';

export interface InputFault {
  readonly path: readonly (string | number)[];
  /** Names what is allowed and the value received. */
  readonly message: string;
}

type Checked<T> = { readonly data: T; readonly faults: null } | { readonly faults: readonly InputFault[] };

/** Parses a value by a schema, whose own messages say what is allowed; messages that it does not have are made of its rules. */
export function checkInput<S extends z.ZodType>(schema: S, value: unknown): Checked<z.output<S>> {
  const result = schema.safeParse(value, { error: allowed, reportInput: true });
  if (result.success) return { data: result.data, faults: null };
  return {
    faults: result.error.issues.map((issue) => ({
      path: issue.path.map((step) => (typeof step === 'number' ? step : String(step))),
      message: withValue(issue),
    })),
  };
}

function withValue({ code, message, input }: z.core.$ZodIssue): string {
  // Such messages name a part of the value: a field, or an amount of a price.
  if (code === 'unrecognized_keys' || message.startsWith('"')) return message;
  return typeof input === 'object' && input !== null && code === 'custom'
    ? message
    : notValue(message, input);
}

const allowed: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${nameOf(issue.expected)}`;
    case 'invalid_value':
      return `must be ${issue.values.map(String).join(' or ')}`;
    case 'too_small':
      return `must be ${bounded(issue.origin, 'at least', issue.minimum)}`;
    case 'too_big':
      return `must be ${bounded(issue.origin, 'at most', issue.maximum)}`;
    case 'unrecognized_keys': {
      const known = issue.inst instanceof z.ZodObject ? Object.keys(issue.inst.shape) : [];
      const unknown = issue.keys.slice(0, 5).map((key) => `"${key.slice(0, 40)}"`);
      const hint = issue.keys[0] === undefined ? '' : didYouMean(issue.keys[0], known);
      return `there is no field ${unknown.join(', ')} here${hint || `; there are ${known.join(', ')}`}`;
    }
    default:
      return undefined;
  }
};

const names: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
  object: 'an object',
  string: 'text',
};

function nameOf(type: string): string {
  return names[type] ?? type;
}

function bounded(origin: string, bound: string, limit: number | bigint): string {
  const isOne = Number(limit) === 1;
  if (origin === 'string') return `${bound} ${limit} ${isOne ? 'character' : 'characters'} long`;
  if (origin === 'array') return `a list of ${bound} ${limit} ${isOne ? 'entry' : 'entries'}`;
  return `${bound} ${limit}`;
}
