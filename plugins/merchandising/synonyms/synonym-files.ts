import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { checkInput } from '../../../src/kit/check-input.js';
import { shownValue } from '../../../src/kit/shown-value.js';
import type { Synonym, SynonymFormat } from '../../../src/ports/merchandising.js';
import { foldedTerm } from './synonym-input.js';

/** A synonym as a file says it: an input of `saveSynonym`, with the line (from 1) or, in JSON, the place of the entry. */
export interface ReadSynonym {
  readonly line: number;
  readonly input: Pick<Synonym, 'kind' | 'input' | 'terms'> & { readonly locale?: string };
}

/** A part that the other form cannot say. */
export interface SynonymLoss {
  readonly line: number;
  readonly message: string;
}

interface ReadFile {
  readonly synonyms: readonly ReadSynonym[];
  readonly losses: readonly SynonymLoss[];
}

const termSeparator = '|';
const csvColumns = ['kind', 'locale', 'input', 'terms'] as const;

/** Reads a file. Throws an Error that says what is wrong if it is not of this format at all. */
export function readSynonyms(format: SynonymFormat, text: string): ReadFile {
  const plain = text.replace(/^\uFEFF/, '');
  if (format === 'CSV') return readCsv(plain);
  return format === 'ALGOLIA' ? readAlgolia(plain) : readSolr(plain);
}

/** Writes synonyms so that `readSynonyms` reads the same again, but for what is in `losses`. Lines are those of the text. */
export function writeSynonyms(
  format: SynonymFormat,
  synonyms: readonly Synonym[],
): { readonly text: string; readonly losses: readonly SynonymLoss[] } {
  if (format === 'CSV') {
    const rows = synonyms.map(({ kind, locale, input, terms }) => [
      kind,
      locale,
      input ?? '',
      terms.join(` ${termSeparator} `),
    ]);
    return {
      text: [csvColumns, ...rows].map((row) => `${row.map(quoted).join(',')}\n`).join(''),
      losses: [],
    };
  }
  const losses: SynonymLoss[] = [];
  const entries: string[] = [];
  for (const synonym of synonyms) {
    const line = entries.length + 1;
    if (synonym.kind === 'NEVER') {
      losses.push({ line, message: `${shownValue(synonym.terms.join(', '))}: NEVER is left out` });
      continue;
    }
    if (synonym.locale !== '*')
      losses.push({ line, message: `the language ${synonym.locale} is not kept: it holds for all` });
    entries.push(format === 'ALGOLIA' ? JSON.stringify(forAlgolia(synonym, losses, line)) : forSolr(synonym));
  }
  const text =
    format === 'ALGOLIA'
      ? `[${entries.map((entry) => `\n${entry}`).join(',')}\n]\n`
      : entries.map((entry) => `${entry}\n`).join('');
  return { text, losses };
}

/**
 * The rules of Solr, which Elasticsearch has, too: "a, b" are equal; "a => b" replaces a; "a => a, b" adds b. A comma, an equals sign or a backslash
 * after a backslash is part of a term.
 */
function readSolr(text: string): ReadFile {
  const synonyms: ReadSynonym[] = [];
  const losses: SynonymLoss[] = [];
  for (const [at, raw] of text.split(/\r\n|[\r\n]/).entries()) {
    const line = at + 1;
    const rule = raw.trim();
    if (rule === '' || rule.startsWith('#')) continue;
    const [left, right, ...more] = split(rule, '=>');
    if (more.length > 0) {
      losses.push({ line, message: `${shownValue(rule)} has more than one "=>"` });
      continue;
    }
    const from = termsOf(left ?? '');
    if (right === undefined) {
      synonyms.push({ line, input: { kind: 'MULTI_WAY', input: null, terms: from } });
      continue;
    }
    const to = termsOf(right);
    for (const input of from) {
      const terms = to.filter((term) => foldedTerm(term) !== foldedTerm(input));
      const replaces = terms.length === to.length && to.length === 1;
      if (terms.length === to.length && to.length > 1)
        losses.push({
          line,
          message: `products with ${shownValue(input)} itself are still found: only one term can replace it`,
        });
      synonyms.push({ line, input: { kind: replaces ? 'REPLACE' : 'ONE_WAY', input, terms } });
    }
  }
  return { synonyms, losses };
}

function forSolr({ kind, input, terms }: Synonym): string {
  const written = terms.map(escaped);
  if (input === null) return written.join(', ');
  const from = escaped(input);
  return `${from} => ${[...(kind === 'ONE_WAY' ? [from] : []), ...written].join(', ')}`;
}

const escaped = (term: string): string => term.replace(/[\\,=]/g, '\\$&').replace(/^#/, '\\#');

function termsOf(list: string): string[] {
  return split(list, ',')
    .map((term) => term.trim().replace(/\\(.)/g, '$1'))
    .filter((term) => term !== '');
}

/** Splits at a separator that no backslash is before. */
function split(text: string, separator: string): string[] {
  const parts: string[] = [];
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text.startsWith(separator, i)) {
      parts.push(text.slice(from, i));
      from = i + separator.length;
      i = from - 1;
    }
  }
  return [...parts, text.slice(from)];
}

const algolia = z.array(
  z.looseObject({
    type: z.string(),
    synonyms: z.array(z.string()).optional(),
    input: z.string().optional(),
    word: z.string().optional(),
    corrections: z.array(z.string()).optional(),
  }),
);

function readAlgolia(text: string): ReadFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Error(`this is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
  const parsed = checkInput(algolia, value);
  if (parsed.faults !== null)
    throw new Error(
      parsed.faults
        .slice(0, 3)
        .map(({ path, message }) => `${path.join('.')} ${message}`)
        .join('; '),
    );
  const synonyms: ReadSynonym[] = [];
  const losses: SynonymLoss[] = [];
  for (const [at, { type, synonyms: terms = [], input, word, corrections = [] }] of parsed.data.entries()) {
    const line = at + 1;
    switch (type.toLowerCase()) {
      case 'synonym':
        synonyms.push({ line, input: { kind: 'MULTI_WAY', input: null, terms } });
        break;
      case 'onewaysynonym':
        synonyms.push({ line, input: { kind: 'ONE_WAY', input: input ?? '', terms } });
        break;
      case 'altcorrection1':
      case 'altcorrection2':
        losses.push({
          line,
          message: `${type} is kept as ONE_WAY: that it counts as a typing error is lost`,
        });
        synonyms.push({ line, input: { kind: 'ONE_WAY', input: word ?? '', terms: corrections } });
        break;
      default:
        losses.push({ line, message: `the type ${shownValue(type)} is left out` });
    }
  }
  return { synonyms, losses };
}

function forAlgolia({ id, kind, input, terms }: Synonym, losses: SynonymLoss[], line: number): object {
  if (input === null) return { objectID: id, type: 'synonym', synonyms: terms };
  if (kind === 'REPLACE')
    losses.push({
      line,
      message: `products with ${shownValue(input)} itself are found, too: nothing is replaced`,
    });
  return { objectID: id, type: 'onewaysynonym', input, synonyms: terms };
}

/** Columns kind, locale, input and terms. Terms are separated by bars. */
function readCsv(text: string): ReadFile {
  const rows: readonly {
    readonly record: Readonly<Record<string, string>>;
    readonly info: { readonly lines: number };
  }[] = parse(text, {
    columns: true,
    info: true,
    skip_empty_lines: true,
    trim: true,
    relax_column_count: true,
  });
  const known = Object.keys(rows[0]?.record ?? {});
  if (rows.length > 0 && !known.includes('terms'))
    throw new Error(
      `there is no column "terms"; the columns are ${csvColumns.join(', ')}, not ${known.slice(0, 5).join(', ')}`,
    );
  return {
    losses: [],
    synonyms: rows.map(({ record, info }) => ({
      line: info.lines,
      input: {
        kind: (record.kind || 'MULTI_WAY') as Synonym['kind'],
        locale: record.locale || '*',
        input: record.input || null,
        terms: (record.terms ?? '')
          .split(termSeparator)
          .map((term) => term.trim())
          .filter((term) => term !== ''),
      },
    })),
  };
}

const quoted = (value: string): string =>
  /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
