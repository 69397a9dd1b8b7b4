import type { Loss } from './imported-product.js';
import type { Row } from './read/rows.js';

export interface Rejected {
  readonly line: number;
  readonly reason: string;
  /** Null for a line that could not be read. */
  readonly row: Row | null;
}

/** Losses of one kind: the same column and reason, whatever the value. */
export interface LossKind {
  readonly count: number;
  readonly first: Loss;
}

const kindsMax = 1_000;

/** Counts what an import could not keep, by kind, so that memory does not grow with the file. */
export interface LossCounter {
  add(loss: Loss): void;
  /** The most frequent first. */
  kinds(): readonly LossKind[];
}

export function createLossCounter(): LossCounter {
  const kinds = new Map<string, { count: number; readonly first: Loss }>();
  return {
    add(loss) {
      const key = `${loss.column.replace(/\d+/g, 'N')}\n${kindOf(loss.reason)}`;
      const kind = kinds.get(key);
      if (kind) kind.count++;
      else if (kinds.size < kindsMax) kinds.set(key, { count: 1, first: loss });
    },
    kinds: () => [...kinds.values()].sort((a, b) => b.count - a.count),
  };
}

/** A reason without the values in it. */
function kindOf(reason: string): string {
  return reason.replace(/"[^"]*"/g, '""').replace(/\d+/g, 'N');
}

/** A loss as one line of text: where, the value unless the reason begins with it, and what was done. */
export function lossText({ line, column, value, reason }: Loss): string {
  if (reason.startsWith(`"${value}"`)) return `line ${line}, ${column}: ${reason}`;
  const shown = value.length > 60 ? `${value.slice(0, 60)}…` : value;
  return `line ${line}, ${column}: ${JSON.stringify(shown)} ${reason}`;
}
