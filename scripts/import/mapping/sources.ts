import { z } from 'zod';
import { regular } from './expressions.js';

const constant = z.strictObject({ constant: z.union([z.string(), z.number(), z.boolean()]) });
const path = z.string().min(1);

/**
 * A value: a path, or what is made of one. `columns` is the first value among the fields whose name matches a regular expression, `entries`
 * the first value of an object, such as texts by locale. `words` replaces a text, in lower case; `*` stands for any other, and an empty one for a
 * field without a value.
 */
export type Source =
  | string
  | { readonly constant: string | number | boolean }
  | { readonly first: readonly Source[] }
  | { readonly join: readonly Source[]; readonly with: string }
  | { readonly columns: string }
  | { readonly entries: string }
  | {
      readonly path: string;
      readonly words?: Readonly<Record<string, string | number | boolean>> | undefined;
      readonly match?: string | undefined;
    };

const sourceFault =
  'must be the name of a field, { "constant": … }, { "first": [ … ] }, { "join": [ … ], "with": " " }, { "path": …, "words": { … } } or { "path": …, "match": … }';

export const source: z.ZodType<Source> = z.lazy(() =>
  z.union(
    [
      path,
      constant,
      z.strictObject({ first: z.array(source).min(1) }),
      z.strictObject({ join: z.array(source).min(1), with: z.string() }),
      z.strictObject({ columns: pattern }),
      z.strictObject({ entries: path }),
      z.strictObject({
        path,
        words: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
        match: pattern.optional(),
      }),
    ],
    { error: sourceFault },
  ),
);

/** The source of a regular expression in `u` mode. */
export const pattern = z.string().refine(
  (text) => {
    try {
      regular(text);
      return true;
    } catch {
      return false;
    }
  },
  { error: 'must be a regular expression' },
);

/**
 * Several values. `split` cuts a text; `match` makes each part an element of the named groups of a regular expression, and leaves out
 * parts that do not match if a group is named `value`; `pairs` makes one
 * text elements of `name` and `value`; `records` makes one text elements with the names in it as fields; `columns` makes elements of
 * the fields whose name matches, with the named groups and `value`; `entries` makes elements of `name` and `value` of an object; `numbered` makes elements of fields that are numbered from 1.
 */
export type ListSource =
  | Source
  | { readonly path: string; readonly split: string; readonly match?: string | undefined }
  | { readonly path: string; readonly pairs: { readonly between: string; readonly equals: string } }
  | {
      readonly path: string;
      readonly records: { readonly between: string; readonly pairs: string; readonly equals: string };
    }
  | { readonly numbered: Readonly<Record<string, string>> }
  | { readonly all: readonly ListSource[] };

export const listSource: z.ZodType<ListSource> = z.lazy(() =>
  z.union(
    [
      z.strictObject({ path, split: z.string().min(1), match: pattern.optional() }),
      z.strictObject({
        path,
        pairs: z.strictObject({ between: z.string().min(1), equals: z.string().min(1) }),
      }),
      z.strictObject({
        path,
        records: z.strictObject({
          between: z.string().min(1),
          pairs: z.string().min(1),
          equals: z.string().min(1),
        }),
      }),
      z.strictObject({ numbered: z.record(z.string(), z.string().regex(/\{n\}/)) }),
      z.strictObject({ all: z.array(listSource).min(1) }),
      source,
    ],
    { error: `${sourceFault}, { "path": …, "split": … }, or another list; see the README` },
  ),
);

/** The name of a source for messages: its fields. */
export function named(from: ListSource): string {
  const fields = fieldsOf(from);
  return fields.length > 0 ? fields.map((field) => `"${field}"`).join(' or ') : 'the constant of the mapping';
}

/** The fields of a row that a source reads; none for a pattern or a constant. */
export function fieldsOf(from: ListSource): string[] {
  if (typeof from === 'string') return [from];
  if ('entries' in from) return [from.entries];
  if ('path' in from) return [from.path];
  if ('first' in from) return from.first.flatMap(fieldsOf);
  if ('join' in from) return from.join.flatMap(fieldsOf);
  if ('all' in from) return from.all.flatMap(fieldsOf);
  return [];
}

/** The patterns of names that a source reads. */
export function patternsOf(from: ListSource): RegExp[] {
  if (typeof from === 'string') return [];
  if ('columns' in from) return [regular(from.columns)];
  if ('first' in from) return from.first.flatMap(patternsOf);
  if ('all' in from) return from.all.flatMap(patternsOf);
  return 'join' in from ? from.join.flatMap(patternsOf) : [];
}
