import { type IdRemap, type Part, remapped } from '../snapshots/stored.js';
import { clicksPerSessionMax, type SessionIndex } from './session-index.js';

/** Numbers of sessions or items in one part. */
const cellsPerPart = 65_536;

interface ItemsPart extends Part {
  readonly name: 'items';
  readonly sessions: number;
  readonly interactions: number;
  readonly repeats: number;
  readonly sessionCells: number;
  readonly listCells: number;
  readonly itemSessions: Int32Array;
  readonly itemClicks: Int32Array;
  readonly itemRepeats: Int32Array;
  readonly itemNewest: Int32Array;
  readonly itemRecent: Float32Array;
}

/** Some sessions or lists one behind the other, from the session or item `first` on; of sessions also their witnesses. */
interface RowsPart extends Part {
  readonly name: 'sessions' | 'lists';
  readonly first: number;
  readonly lengths: Int32Array;
  readonly cells: Int32Array;
  readonly witnesses: Int32Array;
}

export type SessionIndexPart = ItemsPart | RowsPart;

const nobody = new Int32Array(0);

/**
 * An index as it is at the call. Sessions and lists only grow at their ends, so that their lengths now say what they
 * held now, however much later they are read; what is forgotten meanwhile is left out.
 */
export function saveSessionIndex(index: SessionIndex): Iterable<SessionIndexPart> {
  const { sessions, items, interactions, repeats } = index;
  const { sessionsMax, sessionsPerItem } = index.options;
  const sessionLength = index.sessionLength.slice(0, Math.min(sessions, sessionsMax));
  const sessionWitness = index.sessionWitness.slice(0, sessionLength.length);
  const itemSessions = index.itemSessions.slice(0, items);
  const figures: ItemsPart = {
    name: 'items',
    sessions,
    interactions,
    repeats,
    sessionCells: index.sessionCells.length,
    listCells: index.listCells.length,
    itemSessions,
    itemClicks: index.itemClicks.slice(0, items),
    itemRepeats: index.itemRepeats.slice(0, items),
    itemNewest: index.itemNewest.slice(0, items),
    itemRecent: index.itemRecent.slice(0, items),
  };

  function copySession(session: number, into: Int32Array, at: number): number {
    if (session < index.sessions - sessionsMax) return 0;
    const slot = session % sessionsMax;
    const start = index.sessionStart[slot]!;
    const length = sessionLength[slot]!;
    for (let step = 0; step < length; step++) into[at + step] = index.sessionCells[start + step]!;
    return length;
  }

  function copyList(item: number, into: Int32Array, at: number): number {
    const held = itemSessions[item]!;
    const length = Math.min(held, sessionsPerItem);
    const start = index.listStart[item]!;
    for (let place = 0; place < length; place++) into[at + place] = index.listCells[start + place]!;
    // Places taken over meanwhile get their sessions again from the log.
    const newer = Math.min(length, Math.max(0, index.itemSessions[item]! - Math.max(held, sessionsPerItem)));
    for (let step = 0; step < newer; step++) into[at + ((held + step) % sessionsPerItem)] = 0;
    return length;
  }

  function* rows(
    name: 'sessions' | 'lists',
    from: number,
    until: number,
    longest: number,
    copy: (row: number, into: Int32Array, at: number) => number,
    witnessesOf: (first: number, until: number) => Int32Array,
  ): Generator<RowsPart> {
    const cells = new Int32Array(cellsPerPart + longest);
    const lengths = new Int32Array(cellsPerPart);
    for (let first = from; first < until; ) {
      let row = first;
      let used = 0;
      for (; row < until && used < cellsPerPart && row - first < cellsPerPart; row++) {
        const length = copy(row, cells, used);
        lengths[row - first] = length;
        used += length;
      }
      const witnesses = witnessesOf(first, row);
      yield { name, first, lengths: lengths.slice(0, row - first), cells: cells.slice(0, used), witnesses };
      first = row;
    }
  }

  function* parts(): Generator<SessionIndexPart> {
    yield figures;
    const oldest = Math.max(0, sessions - sessionsMax);
    yield* rows('sessions', oldest, sessions, clicksPerSessionMax, copySession, (first, until) =>
      Int32Array.from({ length: until - first }, (_, row) => sessionWitness[(first + row) % sessionsMax]!),
    );
    yield* rows('lists', 0, items, sessionsPerItem, copyList, () => nobody);
  }
  return parts();
}

/** Takes back a part of an index. Items that are no more are left out of it, as if nobody had ever clicked on them. */
export function restoreSessionIndex(index: SessionIndex, part: SessionIndexPart, remap: IdRemap): void {
  if (part.name === 'items') restoreItems(index, part, remap);
  else if (part.name === 'sessions') restoreSessions(index, part, remap);
  else restoreLists(index, part, remap);
}

function restoreItems(index: SessionIndex, part: ItemsPart, remap: IdRemap): void {
  index.sessions = part.sessions;
  index.interactions = part.interactions;
  index.repeats = part.repeats;
  const slots = Math.min(part.sessions, index.options.sessionsMax);
  index.reserve(slots, part.sessionCells, part.listCells);
  for (let was = 0; was < part.itemSessions.length; was++) {
    const item = remapped(was, remap);
    if (item < 0) {
      index.interactions -= part.itemClicks[was]!;
      index.repeats -= part.itemRepeats[was]!;
      continue;
    }
    index.placeList(item, nobody, 0, 0);
    index.itemSessions[item] = part.itemSessions[was]!;
    index.itemClicks[item] = part.itemClicks[was]!;
    index.itemRepeats[item] = part.itemRepeats[was]!;
    index.itemNewest[item] = part.itemNewest[was]!;
    index.itemRecent[item] = part.itemRecent[was]!;
  }
}

function restoreSessions(index: SessionIndex, part: RowsPart, remap: IdRemap): void {
  const { lengths, cells, witnesses } = part;
  const known = new Int32Array(clicksPerSessionMax);
  for (let row = 0, at = 0; row < lengths.length; at += lengths[row++]!) {
    let length = 0;
    for (let step = 0; step < lengths[row]!; step++) {
      const item = remapped(cells[at + step]!, remap);
      if (item >= 0) known[length++] = item;
    }
    index.placeSession(part.first + row, known, 0, length);
    index.sessionWitness[(part.first + row) % index.options.sessionsMax] = witnesses[row]!;
  }
}

function restoreLists(index: SessionIndex, { first, lengths, cells }: RowsPart, remap: IdRemap): void {
  for (let row = 0, at = 0; row < lengths.length; at += lengths[row++]!) {
    const item = remapped(first + row, remap);
    if (item >= 0) index.placeList(item, cells, at, lengths[row]!);
  }
}
