import type { ChangeListener } from '../../../../src/ports/store-driver.js';
import type { Memtable } from './memtable.js';
import type { Tree } from './tree.js';

/** A collection as the writer sees it. */
export interface Target {
  readonly tree: Tree;
  readonly memtable: Memtable;
  readonly listener: ChangeListener;
  /** Of all documents, pending ones too. */
  count: number;
}
