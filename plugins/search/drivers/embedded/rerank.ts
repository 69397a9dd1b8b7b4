import type { Group } from './plan.js';
import type { TextIndex } from './text-index.js';

/** What the order of a title's words tells beyond their presence. */
export interface TitleReader {
  /** A factor around 1 for a document found with these groups. */
  factor(document: number): number;
}

const nowhere = 255;

export function createTitleReader(index: TextIndex, groups: readonly Group[]): TitleReader {
  const { words, titles, kinds } = index;
  /** By term: bits of the groups it satisfies by itself. */
  const groupsOf = new Map<number, number>();
  const required = groups.flatMap((group, i) => (group.required ? [i] : []));
  for (const i of required) {
    for (const { terms } of groups[i]!.alternatives) {
      for (const term of terms) groupsOf.set(term, (groupsOf.get(term) ?? 0) | (1 << i));
    }
  }
  const last = required.at(-1) ?? -1;
  const places = new Uint8Array(32);

  return {
    factor(document) {
      const pool = titles.pool();
      const start = titles.start(document);
      const end = titles.end(document);
      places.fill(nowhere, 0, groups.length);
      let forAt = nowhere;
      for (let i = start; i < end; i++) {
        const wordId = pool[i]!;
        const bits = groupsOf.get(words.termOf(wordId)) ?? 0;
        const place = i - start;
        if (forAt === nowhere && place > 0 && words.language.forWords.has(words.textOf(wordId)))
          forAt = place;
        if (bits === 0) continue;
        for (const g of required) if ((bits & (1 << g)) !== 0 && places[g] === nowhere) places[g] = place;
      }
      let inTitle = 0;
      let adjacent = 0;
      let afterFor = 0;
      let first = nowhere;
      for (const [k, g] of required.entries()) {
        const place = places[g]!;
        if (place === nowhere) continue;
        inTitle++;
        if (place > forAt) afterFor++;
        if (place < first) first = place;
        if (k > 0) {
          const before = places[required[k - 1]!]!;
          if (before !== nowhere && place - before === 1) adjacent += 1;
          else if (before !== nowhere && Math.abs(place - before) <= 3) adjacent += 0.5;
        }
      }
      let kind = 0;
      const kindPool = kinds.pool();
      const kindEnd = kinds.end(document);
      for (let i = kinds.start(document); i < kindEnd; i++) {
        const bits = groupsOf.get(kindPool[i]!) ?? 0;
        if (last >= 0 && (bits & (1 << last)) !== 0) kind = 1;
      }
      const n = Math.max(1, required.length);
      let factor = 1;
      factor *= 1 + knobs.inTitle * (inTitle / n);
      factor *= 1 + (n > 1 ? knobs.adjacent * (adjacent / (n - 1)) : 0);
      factor *= 1 - knobs.afterFor * (afterFor / n);
      if (first !== nowhere) factor *= 1 + knobs.early / (1 + first / 4);
      factor *= 1 + knobs.kind * kind;
      return factor;
    },
  };
}

export const knobs = { inTitle: 0.3, adjacent: 0.2, afterFor: 0.3, early: 0.2, kind: 0.2 };
