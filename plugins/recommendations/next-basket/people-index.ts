import { createBlockArena } from '../../../src/kit/block-arena.js';
import { grownInt32 } from '../../../src/kit/grown-arrays.js';
import { type Witness, witnessOfKey } from '../limits/witnesses.js';
import {
  clicksPerSessionMax,
  createSessionIndex,
  type SessionIndex,
  type SessionIndexOptions,
} from '../session-knn/session-index.js';
import {
  restoreSessionIndex,
  type SessionIndexPart,
  saveSessionIndex,
} from '../session-knn/session-index-parts.js';
import { type IdRemap, type Part, remapped, type Storable } from '../snapshots/stored.js';
import type { Basket } from './personal-history.js';

const minuteMs = 60_000;
/** An entry of a map from fingerprints to numbers, on the heap of V8: 35 to 49 bytes were measured. */
const bytesOfMapEntry = 48;
const nobody = -1;

/** Some people: their items as of the session index, the minutes of these, and their keys. */
type PeoplePart = Extract<SessionIndexPart, { name: 'sessions' | 'lists' }> & {
  readonly minutes: Int32Array;
  readonly keys: Float64Array;
};

interface CountPart extends Part {
  readonly name: 'baskets';
  readonly baskets: number;
}

/**
 * People and what they bought: an index of sessions with a person for each session, and beside each purchase its minute. People are
 * numbered in the order of their first purchase. Like a session, a person goes on as another one after 64 purchases, and beyond the
 * maximum, the person who began longest ago is dropped.
 */
export interface PeopleIndex extends Storable {
  /** Written by `add` alone. */
  readonly index: SessionIndex;
  /** Orders ever added. */
  readonly baskets: number;
  /** Learns one order of distinct items. The person's newest witness stands for all that they bought. */
  add(key: number, items: readonly number[], atMs: number, witness?: Witness): void;
  /** The number of a person; -1 for one who bought nothing. */
  find(key: number): number;
  /** What a person bought, oldest first. */
  historyOf(person: number): Basket[];
  bytes(): number;
}

export function createPeopleIndex(options: SessionIndexOptions): PeopleIndex {
  const { sessionsMax: peopleMax } = options;
  const index = createSessionIndex(options);
  const arena = createBlockArena(clicksPerSessionMax);
  /** By slot: where the minutes of its items begin, and whose it is. */
  let starts: Int32Array = new Int32Array(1024);
  let keys = new Float64Array(1024).fill(nobody);
  /** By key the number of a person who is alive. */
  const numbers = new Map<number, number>();
  let baskets = 0;

  const lengthOf = (slot: number): number => index.sessionLength[slot]!;

  function enter(key: number, person: number): void {
    const slot = person % peopleMax;
    if (slot >= keys.length) {
      starts = grownInt32(starts, slot + 1);
      const larger = new Float64Array(starts.length).fill(nobody);
      larger.set(keys);
      keys = larger;
    }
    keys[slot] = key;
    numbers.set(key, person);
  }

  /** Drops the person who began longest ago, in whose slot the next one begins. */
  function forget(slot: number): void {
    if (lengthOf(slot) > 0) arena.free(starts[slot]!, lengthOf(slot));
    const key = keys[slot]!;
    if (numbers.get(key) === index.sessions - peopleMax) numbers.delete(key);
  }

  function begin(key: number, witness: Witness): number {
    const slot = index.sessions % peopleMax;
    if (index.sessions >= peopleMax) forget(slot);
    const person = index.begin(witness);
    enter(key, person);
    return person;
  }

  function append(person: number, item: number, minute: number): void {
    const slot = person % peopleMax;
    const length = lengthOf(slot);
    const start = length === 0 ? arena.allocate(1) : arena.extend(starts[slot]!, length);
    arena.cells[start + length] = minute;
    starts[slot] = start;
    index.append(person, item);
  }

  /** The people of a part with what only this index knows of them; who was forgotten meanwhile has no items in it. */
  function completed(part: SessionIndexPart): SessionIndexPart | PeoplePart {
    if (part.name !== 'sessions') return part;
    const minutes = new Int32Array(part.cells.length);
    const some = new Float64Array(part.lengths.length);
    for (let row = 0, at = 0; row < part.lengths.length; at += part.lengths[row++]!) {
      const slot = (part.first + row) % peopleMax;
      const from = starts[slot]!;
      minutes.set(arena.cells.subarray(from, from + part.lengths[row]!), at);
      some[row] = keys[slot]!;
    }
    return { ...part, minutes, keys: some };
  }

  function restorePeople({ first, lengths, cells, minutes, keys: some }: PeoplePart, now: IdRemap): void {
    const known = new Int32Array(clicksPerSessionMax);
    for (let row = 0, at = 0; row < lengths.length; at += lengths[row++]!) {
      let length = 0;
      for (let step = 0; step < lengths[row]!; step++) {
        if (remapped(cells[at + step]!, now) >= 0) known[length++] = minutes[at + step]!;
      }
      if (lengths[row] === 0) continue;
      enter(some[row]!, first + row);
      if (length === 0) continue;
      const start = arena.allocate(length);
      arena.cells.set(known.subarray(0, length), start);
      starts[(first + row) % peopleMax] = start;
    }
  }

  return {
    index,
    get baskets() {
      return baskets;
    },
    add(key, items, atMs, witness = witnessOfKey(key)) {
      let person = numbers.get(key) ?? -1;
      if (person < 0) person = begin(key, witness);
      else index.vouch(person, witness);
      const minute = Math.round(atMs / minuteMs);
      for (const item of items) {
        if (index.lengthOf(person) >= clicksPerSessionMax) person = begin(key, witness);
        append(person, item, minute);
      }
      baskets++;
    },
    find: (key) => numbers.get(key) ?? -1,
    historyOf(person) {
      const slot = person % peopleMax;
      const [itemsFrom, minutesFrom] = [index.sessionStart[slot]!, starts[slot]!];
      const history: { items: number[]; atMs: number }[] = [];
      for (let at = 0; at < lengthOf(slot); at++) {
        const atMs = arena.cells[minutesFrom + at]! * minuteMs;
        const item = index.sessionCells[itemsFrom + at]!;
        const newest = history.at(-1);
        if (newest?.atMs === atMs) newest.items.push(item);
        else history.push({ items: [item], atMs });
      }
      return history;
    },
    save() {
      const count: CountPart = { name: 'baskets', baskets };
      const parts = saveSessionIndex(index);
      return (function* (): Generator<Part> {
        yield count;
        for (const part of parts) yield completed(part);
      })();
    },
    restore(part, remap) {
      if (part.name === 'baskets') {
        baskets = (part as CountPart).baskets;
        return;
      }
      restoreSessionIndex(index, part as SessionIndexPart, remap);
      if (part.name === 'sessions') restorePeople(part as PeoplePart, remap);
    },
    bytes: () =>
      index.bytes() + arena.bytes() + starts.byteLength + keys.byteLength + bytesOfMapEntry * numbers.size,
  };
}
