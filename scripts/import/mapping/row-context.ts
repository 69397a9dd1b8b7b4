import type { DecimalMark } from '../values/numbers.js';

/** The state of one file that the mapping of its rows needs. */
export interface RowContext {
  /** Reports a detail of the row that is not kept as it stands. */
  warn(column: string, value: string, reason: string): void;
  /** The decimal mark of a column: the mapping's, else the one that its cells prove, else the file's. */
  decimalMark(column: string): DecimalMark | undefined;
  /** True if the mapping states the decimal mark, so that no number is ambiguous. */
  readonly decimalStated: boolean;
  /** The currency of amounts that name none; ISO 4217. */
  readonly currency?: string | undefined;
  /** The address before those of images that are not absolute. */
  readonly imageBase?: string | undefined;
}
