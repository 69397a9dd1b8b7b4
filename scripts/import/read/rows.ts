/** The fields of one record: parsed JSON, the cells of a CSV line by column, or the children of an XML element. */
export type Row = Readonly<Record<string, unknown>>;

/** True for an object that is no list. */
export function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The longest line, record or element that is read; a longer one is reported and skipped, or ends the reading. */
export const recordCharactersMax = 4 * 1024 * 1024;

export type ReadRow =
  | {
      readonly line: number;
      readonly row: Row;
      /** The columns of a CSV file, the same list for each of its rows. */
      readonly columns?: readonly string[];
      /** Details of the record that are not in `row`, such as cells beyond the last column. */
      readonly lost?: readonly string[];
    }
  | { readonly line: number; readonly error: string };
