import type { Row } from '../read/rows.js';
import { singleFieldsOf } from './columns.js';
import type { Mapping } from './mapping.js';
import { plain } from './values-in.js';

/** A value that a column has beside the one that is taken. */
export interface OtherValue {
  readonly column: string;
  readonly value: string;
  readonly taken: string;
}

/**
 * Finds, in rows of a CSV file, columns that occur several times with different values although the mapping takes one value: the first
 * that is not blank. Columns of which the mapping takes a list, such as pictures, are none of them.
 */
export function createRepeatedColumns(
  mapping: Mapping,
): (row: Row, columns: readonly string[] | undefined) => readonly OtherValue[] {
  const single = singleFieldsOf(mapping);
  let lookedAt: readonly string[] | undefined;
  let repeated: readonly string[] = [];
  return (row, columns) => {
    if (columns !== lookedAt) {
      lookedAt = columns;
      repeated = [...single].filter((field) => columns?.indexOf(field) !== columns?.lastIndexOf(field));
    }
    return repeated.flatMap((column) => {
      const cells = row[column];
      const texts = (Array.isArray(cells) ? cells : [cells]).map(plain);
      const [taken, ...others] = new Set(texts.filter((text) => text !== undefined));
      return taken === undefined ? [] : others.map((value) => ({ column, value, taken }));
    });
  };
}
