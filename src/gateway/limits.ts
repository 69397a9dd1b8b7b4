import { GraphQLError } from 'graphql';
import { deadlines } from '../deadlines.js';
import { badRequest } from './mask-error.js';

/**
 * The limits of one operation; `src/gateway/README.md` explains each. An operation beyond one can never succeed, so its error is
 * `invalid` and not `limited`: trying again is useless.
 */
export const limits = {
  /** Of the text of a document, of callers without an API key and with one. */
  charactersWithoutKey: 10_000,
  characters: 100_000,
  /** graphql-js counts them to locate each error. */
  lines: 5_000,
  tokensWithoutKey: 1_000,
  tokens: 4_000,
  depth: 16,
  aliases: 60,
  directives: 60,
  fragments: 100,
  /** Levels of lists and objects in a value, in the document or in variables. */
  nesting: 100,
  /** Members of one object in a body of more than 64 KB with a STOREFRONT key: reading the names of more takes too long. */
  members: 10_000,
  /** Fields that are looked at, and pairs of them that share a response name, when it is validated that they agree: 447 times one plain field. */
  repetitions: 100_000,
  /** Units of work, see `@cost` in `schema/base.graphql`: estimated before the operation runs, counted while it does. */
  cost: 50_000,
  /** A field that a plugin added to a type of another is waited for so long; longer than the time limits of backends. */
  addedFieldMs: deadlines.addedFieldMs,
  /** A query is waited for so long, an event of a subscription too. */
  queryMs: deadlines.queryMs,
  /** As long as the longest time limit of a backend for writes, and more. */
  mutationMs: deadlines.mutationMs,
} as const;

export type LimitName = Exclude<keyof typeof limits, `${string}Ms`>;

const named: Readonly<Record<LimitName, string>> = {
  charactersWithoutKey: 'characters without an API key',
  characters: 'characters',
  lines: 'lines',
  tokensWithoutKey: 'tokens without an API key',
  tokens: 'tokens',
  depth: 'levels of fields',
  aliases: 'aliases',
  directives: 'directives',
  fragments: 'fragments, inline ones included',
  nesting: 'levels of lists and objects in a value',
  members: 'members of one object in the body',
  repetitions:
    'comparisons of fields that share a response name (twenty for two with arguments or fields below them)',
  cost: 'units of work',
};

const advice: Readonly<Record<LimitName, string>> = {
  charactersWithoutKey: 'Send an API key in x-api-key.',
  characters: 'Send values as variables, or split the operation.',
  lines: 'Remove line breaks, or send values as variables.',
  tokensWithoutKey: 'Send an API key in x-api-key.',
  tokens: 'Send values as variables, or split the operation.',
  depth: 'Nest fewer fields.',
  aliases: 'Split the operation.',
  directives: 'Split the operation.',
  fragments: 'Join fragments, or split the operation.',
  nesting: 'Nest values less.',
  members: 'Send only variables that the operation declares, and lists instead of objects with many members.',
  repetitions: 'Write each field once in a selection.',
  cost: 'Ask for fewer items (`first`), fields, lists within lists, or recommendations and searches at once.',
};

/** Refuses an operation. `value`: what it has; null: more than is allowed. */
export function beyondLimit(limit: LimitName, value: number | null): GraphQLError {
  const max = limits[limit];
  const name = limit.replace('WithoutKey', '');
  const has = value === null ? `more than ${max}` : String(value);
  return new GraphQLError(
    `The ${name} limit of ${max} is exceeded: the operation has ${has} ${named[limit]}. ${advice[limit]}`,
    {
      extensions: {
        code: limit === 'cost' ? 'GRAPHQL_COST_LIMIT' : 'GRAPHQL_LIMIT',
        kind: 'invalid',
        limit: name,
        max,
        ...(value === null ? {} : { value }),
        ...badRequest,
      },
    },
  );
}
