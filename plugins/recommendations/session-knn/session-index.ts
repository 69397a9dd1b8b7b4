import { createBlockArena } from '../../../src/kit/block-arena.js';
import { grownFloat32, grownInt32, grownUint8 } from '../../../src/kit/grown-arrays.js';
import { continued, type Witness } from '../limits/witnesses.js';

/** A longer session goes on as another one: what lies this far apart says nothing about the next click. */
export const clicksPerSessionMax = 64;

export interface SessionIndexOptions {
  /** Only the newest so many sessions of an item are kept in its list. */
  readonly sessionsPerItem: number;
  /** The oldest sessions beyond this number are forgotten. */
  readonly sessionsMax: number;
}

/**
 * Sessions, and for each item the sessions that hold it, in flat arrays which grow with every click.
 * A session has a number, counted up from 0 in the order of beginning; it lies in slot `number % sessionsMax`.
 * The arrays are read by the ranking kernels and written by nobody else. Growing replaces them: read them anew
 * from the index for every query.
 */
export interface SessionIndex {
  readonly options: SessionIndexOptions;
  /** Sessions ever begun; numbers from `sessions - sessionsMax` up are alive. */
  sessions: number;
  /** Clicks ever added. */
  interactions: number;
  /** One more than the largest item number seen. */
  items: number;

  /** Where sessions' items lie: `sessionCells[sessionStart[slot] … + sessionLength[slot]]`, oldest first. */
  sessionCells: Int32Array;
  sessionStart: Int32Array;
  sessionLength: Uint8Array;
  /** Who stands behind a session (`witnesses.ts`). */
  sessionWitness: Int32Array;

  /**
   * Where an item's session numbers lie, oldest first: from `listStart[item]`, `min(itemSessions[item], sessionsPerItem)`
   * of them; a full list is a ring whose next place is `itemSessions[item] % sessionsPerItem`.
   */
  listCells: Int32Array;
  listStart: Int32Array;
  /** Sessions ever with the item. */
  itemSessions: Int32Array;
  /** Clicks ever on the item. */
  itemClicks: Int32Array;
  /** Sessions in which the item came twice or oftener. */
  itemRepeats: Int32Array;
  /** The newest session with the item. */
  itemNewest: Int32Array;
  /** Clicks, each fading with the sessions since then; as of session `itemNewest`. */
  itemRecent: Float32Array;
  /** Sessions with a repeat, over all items. */
  repeats: number;

  /** Begins a session and returns its number. Without a witness nothing that is in it is vouched for. */
  begin(witness?: Witness): number;
  /** Says that a session that is alive goes on as another witness. */
  vouch(session: number, witness: Witness): void;
  /** Adds a click to a session that is alive and not full. */
  append(session: number, item: number): void;
  lengthOf(session: number): number;
  /** Makes room for an index that is read back: its slots, and the numbers of its sessions' and lists' cells. */
  reserve(slots: number, sessionCells: number, listCells: number): void;
  /** Puts `length` of the items from `at` on in the place of a session that is alive and was not begun here: an index is read back. */
  placeSession(session: number, items: Int32Array, at: number, length: number): void;
  /** The same for the list of an item that has none yet, as it once lay. Its figures are the caller's to set. */
  placeList(item: number, sessions: Int32Array, at: number, length: number): void;
  bytes(): number;
}

/** Recent popularity fades by 1/e over this share of all sessions. */
export const recentShare = 0.05;

export function createSessionIndex(options: SessionIndexOptions): SessionIndex {
  const { sessionsPerItem, sessionsMax } = options;
  const sessionArena = createBlockArena(clicksPerSessionMax);
  const listArena = createBlockArena(sessionsPerItem);

  const makeRoomForItem = (item: number): void => {
    if (item < index.items) return;
    const count = item + 1;
    if (count > index.listStart.length) {
      index.listStart = grownInt32(index.listStart, count);
      index.itemSessions = grownInt32(index.itemSessions, count);
      index.itemClicks = grownInt32(index.itemClicks, count);
      index.itemRepeats = grownInt32(index.itemRepeats, count);
      index.itemNewest = grownInt32(index.itemNewest, count);
      index.itemRecent = grownFloat32(index.itemRecent, count);
    }
    index.items = count;
  };

  const list = (item: number, session: number): void => {
    const held = index.itemSessions[item]!;
    if (held === 0) index.listStart[item] = listArena.allocate(1);
    else if (held < sessionsPerItem) index.listStart[item] = listArena.extend(index.listStart[item]!, held);
    listArena.cells[index.listStart[item]! + (held % sessionsPerItem)] = session;
    index.listCells = listArena.cells;
    index.itemSessions[item] = held + 1;
  };

  const makeRoomForSlot = (slot: number): void => {
    if (slot < index.sessionStart.length) return;
    index.sessionStart = grownInt32(index.sessionStart, slot + 1);
    index.sessionLength = grownUint8(index.sessionLength, slot + 1);
    index.sessionWitness = grownInt32(index.sessionWitness, slot + 1);
  };

  const index: SessionIndex = {
    options,
    sessions: 0,
    interactions: 0,
    items: 0,
    sessionCells: sessionArena.cells,
    sessionStart: new Int32Array(1024),
    sessionLength: new Uint8Array(1024),
    sessionWitness: new Int32Array(1024),
    listCells: listArena.cells,
    listStart: new Int32Array(1024),
    itemSessions: new Int32Array(1024),
    itemClicks: new Int32Array(1024),
    itemRepeats: new Int32Array(1024),
    itemNewest: new Int32Array(1024),
    itemRecent: new Float32Array(1024),
    repeats: 0,

    begin(witness = 0) {
      const session = index.sessions++;
      const slot = session % sessionsMax;
      if (session >= sessionsMax) {
        const length = index.sessionLength[slot]!;
        if (length > 0) sessionArena.free(index.sessionStart[slot]!, length);
      } else makeRoomForSlot(slot);
      index.sessionLength[slot] = 0;
      index.sessionWitness[slot] = witness;
      return session;
    },

    vouch(session, witness) {
      const slot = session % sessionsMax;
      index.sessionWitness[slot] = continued(index.sessionWitness[slot]!, witness);
    },

    append(session, item) {
      makeRoomForItem(item);
      const slot = session % sessionsMax;
      const length = index.sessionLength[slot]!;
      const before = index.sessionStart[slot]!;
      let times = 0;
      for (let at = before; at < before + length; at++) if (sessionArena.cells[at] === item) times++;

      const start = length === 0 ? sessionArena.allocate(1) : sessionArena.extend(before, length);
      sessionArena.cells[start + length] = item;
      index.sessionCells = sessionArena.cells;
      index.sessionStart[slot] = start;
      index.sessionLength[slot] = length + 1;

      if (times === 0) list(item, session);
      if (times === 1) {
        index.itemRepeats[item]!++;
        index.repeats++;
      }
      const newest = index.itemNewest[item]!;
      const faded = session <= newest ? 1 : Math.exp((newest - session) / (recentShare * index.sessions));
      index.itemRecent[item] = index.itemRecent[item]! * faded + 1;
      index.itemNewest[item] = Math.max(newest, session);
      index.itemClicks[item]!++;
      index.interactions++;
    },

    reserve(slots, sessionCells, listCells) {
      if (slots > 0) makeRoomForSlot(slots - 1);
      sessionArena.reserve(sessionCells);
      listArena.reserve(listCells);
      index.sessionCells = sessionArena.cells;
      index.listCells = listArena.cells;
    },

    placeSession(session, items, at, length) {
      const slot = session % sessionsMax;
      makeRoomForSlot(slot);
      index.sessionLength[slot] = length;
      if (length === 0) return;
      const start = sessionArena.allocate(length);
      const { cells } = sessionArena;
      for (let step = 0; step < length; step++) cells[start + step] = items[at + step]!;
      index.sessionCells = cells;
      index.sessionStart[slot] = start;
    },

    placeList(item, sessions, at, length) {
      makeRoomForItem(item);
      if (length === 0) return;
      const start = listArena.allocate(length);
      const { cells } = listArena;
      for (let step = 0; step < length; step++) cells[start + step] = sessions[at + step]!;
      index.listCells = cells;
      index.listStart[item] = start;
    },

    lengthOf: (session) => index.sessionLength[session % sessionsMax]!,

    bytes: () =>
      sessionArena.bytes() +
      listArena.bytes() +
      index.sessionStart.byteLength +
      index.sessionLength.byteLength +
      index.sessionWitness.byteLength +
      index.listStart.byteLength * 5 +
      index.itemRecent.byteLength,
  };
  return index;
}
