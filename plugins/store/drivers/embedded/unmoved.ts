import type { LogRecord } from './log-file.js';
import { latestOf, restoreAll } from './log-lines.js';
import type { Target } from './target.js';

/** Records of an earlier process that stay in the log while the disk is full. Readers find them in the memtables. */
export interface Unmoved {
  /** Lays the records of its collection over a tree that was opened. */
  show(target: Target): void;
  /** Moves them to their trees. Rejects while there is no room. */
  move(): Promise<void>;
}

export function createUnmoved(records: readonly LogRecord[], move: () => Promise<void>): Unmoved {
  let states = latestOf(records);
  let drops: (() => void)[] = [];
  return {
    show(target) {
      const { tree, memtable } = target;
      const found = states.get(tree.schema.name);
      if (!found) return;
      const writes = restoreAll(tree.schema, found);
      for (const write of writes) {
        target.count += Number(write.json !== null) - Number(tree.has(write.id));
        memtable.set(write);
      }
      drops.push(() => memtable.drop(writes));
    },
    async move() {
      await move();
      for (const drop of drops) drop();
      states = new Map();
      drops = [];
    },
  };
}
