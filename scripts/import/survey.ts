import { createFieldWatch } from './mapping/columns.js';
import type { Mapping } from './mapping/mapping.js';
import type { RowContext } from './mapping/row-context.js';
import type { ListSource, Source } from './mapping/sources.js';
import { columnIn, elementsIn, plain, type Scope, scopeOf, textIn, valueAt } from './mapping/values-in.js';
import type { ReadRow, Row } from './read/rows.js';
import { readMoney } from './values/money.js';
import { type DecimalMark, decimalMarkOf } from './values/numbers.js';

/** Reads the cells of a file for its decimal marks and for prices without a currency, before a row is mapped. */
export interface Survey {
  look(row: Row): void;
  decimalMark: RowContext['decimalMark'];
  /** The columns of prices of which a cell names no currency, where the mapping names none either. */
  withoutCurrency(): readonly string[];
}

export interface SurveyOptions {
  readonly mapping: Mapping;
  /** The places of the mapping whose fields the file must have; if omitted, all. */
  readonly required?: readonly string[] | undefined;
  /** The currency of amounts that name none. */
  readonly currency?: string | undefined;
}

interface Numbers {
  readonly each: ListSource | undefined;
  readonly source: Source;
  readonly needsCurrency: boolean;
}

interface Votes {
  '.': number;
  ',': number;
}

/** `usual` is the mark of numbers in a file in which no cell proves one. */
function createSurvey(mapping: Mapping, usual: DecimalMark | undefined): Survey {
  const numbers = numbersOf(mapping);
  const votes = new Map<string, Votes>();
  const nameless = new Set<string>();
  const file: Votes = { '.': 0, ',': 0 };

  function lookAt(scope: Scope, { source, needsCurrency }: Numbers): void {
    const text = textIn(scope, source);
    if (text === undefined) return;
    const column = columnIn(scope, source);
    if (needsCurrency && readMoney(text)?.currency === null) nameless.add(column);
    if (mapping.decimal !== undefined) return;
    const mark = decimalMarkOf(text);
    if (mark === null) return;
    const own = votes.get(column) ?? { '.': 0, ',': 0 };
    own[mark]++;
    file[mark]++;
    votes.set(column, own);
  }

  return {
    look(row) {
      const scope = scopeOf(row);
      for (const each of numbers) {
        if (each.each === undefined) lookAt(scope, each);
        else for (const element of elementsIn(scope, each.each)) lookAt(element, each);
      }
    },
    decimalMark(column) {
      if (mapping.decimal !== undefined) return mapping.decimal;
      const own = votes.get(column);
      return (own && winner(own)) ?? winner(file) ?? usual;
    },
    withoutCurrency: () => [...nameless],
  };
}

/** The mark that the cells prove; undefined if they prove both, or none. */
function winner(votes: Votes): DecimalMark | undefined {
  if (votes['.'] > 0 && votes[','] === 0) return '.';
  return votes[','] > 0 && votes['.'] === 0 ? ',' : undefined;
}

function numbersOf(mapping: Mapping): Numbers[] {
  const list: Numbers[] = [];
  const within = mapping.variants?.each;
  const add = (specs: Mapping['prices'], outer: ListSource | undefined) => {
    for (const { each, currency, amount, listAmount, saleAmount } of specs) {
      // Prices in a list of a variant in a list are not looked at: such files are JSON, whose numbers have a dot.
      if (each !== undefined && outer !== undefined) continue;
      for (const source of [amount, listAmount, saleAmount])
        if (source !== undefined)
          list.push({
            each: each ?? outer,
            source,
            needsCurrency: currency === undefined && source === amount,
          });
    }
  };
  add(mapping.prices, undefined);
  add(mapping.variants?.prices ?? [], within);
  return list;
}

/** Reads the whole file once. Rejects if no row has a field of the mapping, or prices have no currency. */
export async function surveyed(
  rows: AsyncIterable<ReadRow>,
  { mapping, required, currency }: SurveyOptions,
  grouping: { survey(row: Row): void },
): Promise<{ readonly survey: Survey; readonly stated: ReadonlySet<string> }> {
  const fields = createFieldWatch(mapping, required);
  let usual: DecimalMark | undefined;
  let survey: Survey | null = null;
  for await (const each of rows) {
    if ('error' in each) continue;
    // JSON has numbers with a dot, and texts mostly too.
    if (survey === null) usual = each.columns === undefined ? '.' : undefined;
    survey ??= createSurvey(mapping, usual);
    fields.look(each.row, each.columns);
    if (isSkipped(each.row, mapping)) continue;
    survey.look(each.row);
    grouping.survey(each.row);
  }
  if (survey === null) return { survey: createSurvey(mapping, undefined), stated: new Set() };
  const fault = fields.fault();
  if (fault !== null) {
    const what =
      required === undefined ? 'The mapping does not fit the file' : 'The file is no export of this system';
    throw new Error(`${what}; nothing was saved.\n  ${fault}`);
  }
  const nameless = currency === undefined ? survey.withoutCurrency() : [];
  if (nameless.length > 0) {
    throw new Error(
      `the prices in ${nameless.join(' and ')} name no currency; nothing was saved. State it, for example --currency EUR`,
    );
  }
  return { survey, stated: fields.stated() };
}

/** True for a row that the mapping states to be no product. */
export function isSkipped(row: Row, { skip }: Mapping): boolean {
  return skip.some((rule) => {
    if ('filled' in rule) return plain(valueAt(scopeOf(row), rule.filled)) !== undefined;
    return rule.values.includes((plain(valueAt(scopeOf(row), rule.field)) ?? '').toLowerCase());
  });
}
