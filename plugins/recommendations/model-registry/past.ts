import {
  type Before,
  type Choice,
  differing,
  idOf,
  type ModelVersion,
  type Sets,
  type StoredSet,
  versionsKept,
} from './documents.js';
import { type SetName, setNames } from './weights.js';

/** Chooses a version with these sets where others are in use. */
export function chosen(now: Choice, version: number, sets: Sets, inUse: Sets): Choice {
  const changed = differing(sets, inUse);
  const held = now.held.filter((name) => !changed.includes(name));
  if (changed.length === 0) return { ...now, version, held };
  const left: Before = Object.fromEntries(changed.map((name) => [name, idOf(inUse[name])]));
  return { ...now, version, held, before: bounded([left, ...now.before]) };
}

/** Of each set as many changes as versions of it are kept. */
function bounded(before: readonly Before[]): Before[] {
  const counts = { session: 0, people: 0, placements: 0 };
  return filtered(before, (name) => ++counts[name] <= versionsKept);
}

function filtered(before: readonly Before[], keeps: (name: SetName, id: string | null) => boolean): Before[] {
  return before
    .map((change): Before => {
      const ids: Partial<Record<SetName, string | null>> = {};
      for (const name of setNames) {
        const id = change[name];
        if (id !== undefined && keeps(name, id)) ids[name] = id;
      }
      return ids;
    })
    .filter((change) => Object.keys(change).length > 0);
}

/** What the newest change took the place of, of one set or of any; null where there is none that can be taken back. */
export function backOf(
  before: readonly Before[],
  only: SetName | undefined,
  kept: readonly ModelVersion[],
  inUse: Sets,
): Partial<Sets> | null {
  for (const change of before) {
    const sets: Partial<Record<SetName, StoredSet | null>> = {};
    for (const name of setNames) {
      const id = change[name];
      if (id === undefined || id === idOf(inUse[name]) || (only !== undefined && name !== only)) continue;
      const set = id === null ? null : kept.find((each) => idOf(each.sets[name]) === id)?.sets[name];
      if (set !== undefined) sets[name] = set;
    }
    if (Object.keys(sets).length > 0) return sets;
  }
  return null;
}

/** The past once `back` is in use again: it begins before that, so that what was left is not gone back to. */
export function undone(before: readonly Before[], back: Partial<Sets>): Before[] {
  const found = new Set(setNames.filter((name) => !(name in back)));
  return filtered(before, (name, id) => {
    if (found.has(name)) return true;
    if (id === idOf(back[name] ?? null)) found.add(name);
    return false;
  });
}
