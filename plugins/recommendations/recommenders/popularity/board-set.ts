import type { Board } from './board.js';

/** Boards of each kind; what comes when there are as many has none. */
export const boardsMax = 16_384;
const notesPerBoard = 128;

/**
 * Boards by name, and who rose on each since it was last read. What every event touches lies flat and close together: a
 * threshold, a count and some notes for each board.
 */
export interface BoardSet {
  /** Of the board with a name, which is opened if there is none yet; -1 when there are too many. */
  numberOf(name: string): number;
  /** Notes that an item has risen to a sum. */
  note(board: number, item: number, sum: number): void;
  /** In order, with everybody who rose; undefined where there never was one. */
  read(name: string): Board | undefined;
  scale(factor: number): void;
}

export function createBoardSet(newBoard: () => Board): BoardSet {
  const numbers = new Map<string, number>();
  const boards: Board[] = [];
  let thresholds = new Float64Array(256);
  let counts = new Int32Array(256);
  let notes = new Int32Array(256 * notesPerBoard);

  function makeRoom(): void {
    if (boards.length < counts.length) return;
    const size = counts.length * 2;
    const [moreThresholds, moreCounts] = [new Float64Array(size), new Int32Array(size)];
    const moreNotes = new Int32Array(size * notesPerBoard);
    moreThresholds.set(thresholds);
    moreCounts.set(counts);
    moreNotes.set(notes);
    [thresholds, counts, notes] = [moreThresholds, moreCounts, moreNotes];
  }

  function settle(number: number): Board {
    const board = boards[number]!;
    board.rise(notes, number * notesPerBoard, counts[number]!);
    counts[number] = 0;
    thresholds[number] = board.threshold;
    return board;
  }

  return {
    numberOf(name) {
      const known = numbers.get(name);
      if (known !== undefined) return known;
      if (boards.length === boardsMax) return -1;
      makeRoom();
      numbers.set(name, boards.length);
      return boards.push(newBoard()) - 1;
    },
    note(board, item, sum) {
      if (sum < thresholds[board]!) return;
      notes[board * notesPerBoard + counts[board]!] = item;
      if (++counts[board]! === notesPerBoard) settle(board);
    },
    read(name) {
      const number = numbers.get(name);
      return number === undefined ? undefined : settle(number);
    },
    scale(factor) {
      for (let number = 0; number < boards.length; number++) {
        settle(number).scale(factor);
        thresholds[number] = boards[number]!.threshold;
      }
    },
  };
}
