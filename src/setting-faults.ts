import { z } from 'zod';
import { withoutCredentials } from './errors.js';
import { shownValue } from './kit/shown-value.js';

/** The part of a JSON schema that a sentence can say. */
interface Described {
  readonly type?: string;
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly minLength?: number;
  readonly items?: Described;
}

/** The message of a setting's issue that has none of its own, for zod's `error` option. */
export function allowedMessage(schema: z.ZodObject): z.core.$ZodErrorMap {
  return ({ path }) => {
    const setting: unknown = schema.shape[String(path?.[0])];
    return setting instanceof z.ZodType ? `allowed: ${allowedValues(setting)}` : undefined;
  };
}

function allowedValues(schema: z.ZodType): string {
  return sentence(z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' }) as Described);
}

function sentence(described: Described): string {
  const { type, format, minimum, maximum, exclusiveMinimum } = described;
  if (described.enum) return described.enum.map(String).join(', ');
  if (type === 'boolean') return 'true or false';
  if (type === 'array') return `${sentence(described.items ?? {})}; several are separated by commas`;
  if (format === 'uri') return 'a URL such as https://id.example.com/keys';
  if (type === 'integer' || type === 'number') {
    const from = minimum ?? exclusiveMinimum;
    const least = from === undefined ? '' : minimum === undefined ? ` above ${from}` : ` from ${from}`;
    const most =
      maximum === undefined ? '' : least.startsWith(' from') ? ` to ${maximum}` : `, at most ${maximum}`;
    return `${type === 'integer' ? 'a whole number' : 'a number'}${least}${most}`;
  }
  return described.minLength ? `text of at least ${described.minLength} characters` : 'text';
}

/** `RAPPORT_PORT is "99999"; allowed: a whole number from 0 to 65535`. Keys and passwords are not shown. */
export function settingFault(variable: string, value: string | undefined, message: string): string {
  if (value === undefined) return `${variable} is missing; ${message}`;
  if (/_(KEYS?|SECRETS?|PASSWORDS?|TOKENS?)$/.test(variable))
    return `${variable} has ${value.length} characters; ${message}`;
  return `${variable} is ${shownValue(withoutSecrets(value))}; ${message}`;
}

/** Whatever stands before an `@` or behind a `?` may be a password, also in text that is no valid URL. */
function withoutSecrets(value: string): string {
  return withoutCredentials(value)
    .replace(/[^/,@]{0,500}@/g, '…@')
    .replace(/\?.*/, '?…');
}
