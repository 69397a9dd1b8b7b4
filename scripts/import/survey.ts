import type { Mapping } from './mapping/mapping.js';
import type { RowContext } from './mapping/row-context.js';
import {
  columnIn,
  elementsIn,
  type ListSource,
  type Scope,
  type Source,
  scopeOf,
  textIn,
} from './mapping/sources.js';
import type { Row } from './read/rows.js';
import { readMoney } from './values/money.js';
import { type DecimalMark, decimalMarkOf } from './values/numbers.js';

/** What the cells of a file prove together, before a row is mapped. */
export interface Survey {
  look(row: Row): void;
  decimalMark: RowContext['decimalMark'];
  /** The columns of prices of which a cell names no currency, where the mapping names none either. */
  withoutCurrency(): readonly string[];
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
export function createSurvey(mapping: Mapping, usual: DecimalMark | undefined): Survey {
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
          list.push({ each: each ?? outer, source, needsCurrency: currency === undefined });
    }
  };
  add(mapping.prices, undefined);
  add(mapping.variants?.prices ?? [], within);
  return list;
}
