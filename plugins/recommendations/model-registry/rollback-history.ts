import { type Choice, type VersionBySet, versionsKept } from './documents.js';
import { type SetName, setNames } from './weights.js';

type Change = Partial<VersionBySet>;

/** Chooses other versions of some sets. */
export function chosen(now: Choice, versions: Change): Choice {
  const changed = setNames.filter((name) => name in versions && versions[name] !== now.versions[name]);
  if (changed.length === 0) return now;
  const left: Change = Object.fromEntries(changed.map((name) => [name, now.versions[name]]));
  const counts = { session: 0, people: 0 };
  return {
    ...now,
    versions: { ...now.versions, ...versions },
    held: now.held.filter((name) => !changed.includes(name)),
    // Of each set as many changes as versions of it are kept.
    before: filtered([left, ...now.before], (name) => ++counts[name] <= versionsKept),
  };
}

/** Takes back the newest change of one set or of any; null if there is none whose former version `isKept`. */
export function rolledBack(
  now: Choice,
  only: SetName | undefined,
  isKept: (version: number) => boolean,
): { readonly choice: Choice; readonly back: Change } | null {
  for (const change of now.before) {
    const names = setNames.filter((name) => {
      const version = change[name];
      if (version === undefined || version === now.versions[name]) return false;
      return (only === undefined || name === only) && (version === 0 || isKept(version));
    });
    if (names.length === 0) continue;
    const back: Change = Object.fromEntries(names.map((name) => [name, change[name]]));
    const held = [...new Set([...now.held, ...names])];
    const choice = { ...now, versions: { ...now.versions, ...back }, held, before: until(now.before, back) };
    return { choice, back };
  }
  return null;
}

/** The changes from before `back` was left, so that what is left now is not gone back to. */
function until(before: readonly Change[], back: Change): Change[] {
  const found = new Set(setNames.filter((name) => !(name in back)));
  return filtered(before, (name, version) => {
    if (found.has(name)) return true;
    if (version === back[name]) found.add(name);
    return false;
  });
}

function filtered(before: readonly Change[], keeps: (name: SetName, version: number) => boolean): Change[] {
  return before
    .map((change): Change => {
      const names = setNames.filter((name) => change[name] !== undefined && keeps(name, change[name]));
      return Object.fromEntries(names.map((name) => [name, change[name]]));
    })
    .filter((change) => Object.keys(change).length > 0);
}
