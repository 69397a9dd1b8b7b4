import type { Plan } from './find.js';
import { clearMatches, type Matches, matchSegment } from './match.js';
import type { Alternative, QueryWord } from './plan.js';
import type { TextIndex } from './text-index.js';

/** Adds completions of the last word and corrections of misspelt ones to the groups of a query. */
export interface Rewriter {
  /** For words that nothing has, and words much rarer than what they are likely meant to be. */
  rewriteUnknown(): void;
  /** For words that are known but never occur together. Answers whether it added anything. */
  rewriteKnown(): boolean;
  /** The query as it was understood; null if as written. */
  corrected(): string | null;
  /** Words that the last one was completed or corrected to. */
  meant(): ReadonlySet<string>;
}

const completionsMax = 12;
const candidatesMax = 6;
const alternativesMax = 3;
/** A known word is taken for a slip when its correction is this many times as frequent. */
const muchRarer = 100;
const rareCharsMin = 5;
/** A correction is preferred to completions that are this many times rarer. */
const muchMoreFrequent = 10;
const weights = { completion: 0.8, correction: 0.9, further: 0.4 };

interface Completed {
  readonly alternatives: readonly Alternative[];
  /** Of the most frequent one. */
  readonly frequency: number;
}

const noneCompleted: Completed = { alternatives: [], frequency: 0 };

export interface RewriterParts {
  readonly pieces: readonly string[];
  readonly words: readonly QueryWord[];
  readonly plans: readonly Plan[];
  readonly matches: Matches;
  readonly typing: boolean;
}

export function createRewriter({ pieces, words, plans, matches, typing }: RewriterParts): Rewriter {
  const meant = new Set<string>();
  const replaced = new Map<number, string>();

  const live = (index: TextIndex, { terms }: Alternative): boolean =>
    terms.every((term) => index.documentFrequency(term) > 0);
  const isKnown = (i: number): boolean =>
    plans.some(({ index, groups }) =>
      groups[i]!.alternatives.some((alternative) => live(index, alternative)),
    );

  function add(plan: Plan, i: number, further: readonly Alternative[]): void {
    if (further.length === 0) return;
    const group = plan.groups[i]!;
    plan.groups[i] = {
      ...group,
      alternatives: [
        ...group.alternatives.filter((alternative) => live(plan.index, alternative)),
        ...further,
      ],
    };
  }

  /** What the last word may go on to; where nothing begins so, what it may go on to with one slip mended. */
  function completions(plan: Plan, i: number): Completed {
    if (i !== words.length - 1) return noneCompleted;
    const { index } = plan;
    const { word } = plan.groups[i]!;
    let ids = index.words.completions(word, completionsMax);
    if (ids.length === 0 && typing) ids = index.words.completionsNear(word, completionsMax);
    if (ids.length === 0) return noneCompleted;
    for (const id of ids) meant.add(index.words.textOf(id));
    const terms = new Set(ids.map((id) => index.words.termOf(id)));
    return {
      alternatives: [...terms].map((term) => ({
        terms: [term],
        weight: weights.completion,
        fuzzy: true,
        synonym: null,
      })),
      frequency: index.words.frequency(ids[0]!),
    };
  }

  /** Corrections of a word, likeliest first, by how often they come together with the other words of the query. */
  function corrections(plan: Plan, i: number): { term: number; text: string; likelihood: number }[] {
    const { index, groups } = plan;
    const written = index.words.termOfWord(groups[i]!.word);
    const candidates = index.spelling.corrections(groups[i]!.word, candidatesMax).filter(({ wordId }) => {
      const term = index.words.termOf(wordId);
      return term !== written && index.documentFrequency(term) > 0;
    });
    if (candidates.length < 2 || words.length === 1) {
      return candidates.map(({ wordId, likelihood }) => ({
        term: index.words.termOf(wordId),
        text: index.words.textOf(wordId),
        likelihood,
      }));
    }
    const together = occurTogether(
      plan,
      i,
      candidates.map(({ wordId }) => index.words.termOf(wordId)),
      matches,
    );
    const ranked = candidates.map(({ wordId, likelihood }, nth) => {
      const term = index.words.termOf(wordId);
      return {
        term,
        text: index.words.textOf(wordId),
        likelihood: likelihood * (0.02 + together[nth]! / index.documentFrequency(term)),
      };
    });
    return ranked.sort((a, b) => b.likelihood - a.likelihood);
  }

  function asAlternatives(found: readonly { term: number; likelihood: number }[]): Alternative[] {
    return found
      .slice(0, alternativesMax)
      .filter(({ likelihood }) => likelihood >= found[0]!.likelihood / 10)
      .map(({ term }, rank) => ({
        terms: [term],
        weight: rank === 0 ? weights.correction : weights.further,
        fuzzy: true,
        synonym: null,
      }));
  }

  /** Two known words written as one. */
  function split(plan: Plan, i: number): { alternative: Alternative; text: string } | null {
    const { word } = plan.groups[i]!;
    let best: { alternative: Alternative; text: string; frequency: number } | null = null;
    for (let at = 3; at <= word.length - 3; at++) {
      const halves = [word.slice(0, at), word.slice(at)];
      const terms = halves
        .map((half) => plan.index.words.idOf(half))
        .map((id) => (id < 0 ? -1 : plan.index.words.termOf(id)));
      if (terms.some((term) => term < 0)) continue;
      const frequency = Math.min(...terms.map((term) => plan.index.documentFrequency(term)));
      if (frequency > (best?.frequency ?? 1)) {
        best = {
          alternative: { terms: [...new Set(terms)], weight: weights.correction, fuzzy: true, synonym: null },
          text: halves.join(' '),
          frequency,
        };
      }
    }
    return best;
  }

  function frequencyWritten({ index, groups }: Plan, i: number): number {
    const frequencies = groups[i]!.alternatives.map(({ terms }) =>
      Math.min(...terms.map((term) => index.documentFrequency(term))),
    );
    return Math.max(1, ...frequencies);
  }

  /** A word that is there, but so seldom that it is likely a slip for one that is there often. */
  function rewriteRare(plan: Plan, i: number): void {
    const { word, alternatives } = plan.groups[i]!;
    if (word.length < rareCharsMin || alternatives.some(({ synonym }) => synonym !== null)) return;
    const needed = frequencyWritten(plan, i) * muchRarer;
    if (needed > plan.index.documents()) return;
    const mayBeMeant = (wordId: number): boolean =>
      plan.index.documentFrequency(plan.index.words.termOf(wordId)) >= needed;
    if (!plan.index.spelling.isNear(word, mayBeMeant)) return;
    const [first] = corrections(plan, i);
    if (!first || plan.index.documentFrequency(first.term) < needed) return;
    add(plan, i, asAlternatives([first]));
    replaced.set(i, first.text);
  }

  function rewriteMissing(plan: Plan, i: number): void {
    const completed = completions(plan, i);
    const found = corrections(plan, i);
    const first = found[0];
    const correct =
      first !== undefined &&
      (completed.frequency === 0 ||
        plan.index.documentFrequency(first.term) > muchMoreFrequent * completed.frequency);
    const halves = first === undefined && completed.frequency === 0 ? split(plan, i) : null;
    if (correct) {
      replaced.set(i, first.text);
      meant.add(first.text);
    } else if (halves) replaced.set(i, halves.text);
    add(plan, i, [
      ...completed.alternatives,
      ...(correct ? asAlternatives(found) : []),
      ...(halves ? [halves.alternative] : []),
    ]);
  }

  return {
    rewriteUnknown() {
      for (const i of words.keys()) {
        const known = isKnown(i);
        for (const plan of plans) {
          if (!known) rewriteMissing(plan, i);
          else if (typing) add(plan, i, completions(plan, i).alternatives);
          else rewriteRare(plan, i);
        }
      }
    },
    rewriteKnown() {
      let added = false;
      for (const i of words.keys()) {
        if (replaced.has(i)) continue;
        for (const plan of plans) {
          const further = completions(plan, i).alternatives;
          add(plan, i, further);
          if (further.length > 0) added = true;
        }
      }
      return added;
    },
    meant: () => meant,
    corrected() {
      if (replaced.size === 0) return null;
      const texts = pieces.map((piece, p) => {
        const inPiece = [...words.entries()].filter(([, word]) => word.piece === p);
        if (!inPiece.some(([i]) => replaced.has(i))) return piece;
        return inPiece.map(([i, word]) => replaced.get(i) ?? word.chunk.whole).join(' ');
      });
      return texts.join(' ');
    },
  };
}

/** Of each term, how many documents hold it together with a word of the query other than that at `place`. */
function occurTogether(
  { index, groups }: Plan,
  place: number,
  terms: readonly number[],
  matches: Matches,
): number[] {
  const counts = terms.map(() => 0);
  const others = groups.flatMap((group, other) =>
    other === place ? [] : [{ group, place: other, factor: 0, finds: true, keepsOnly: false }],
  );
  for (const segment of index.segments()) {
    matchSegment(index, segment, others, matches, null, true);
    for (const [nth, term] of terms.entries()) {
      const list = segment.list(term);
      if (!list) continue;
      for (let i = list.start; i < list.end; i++)
        if (matches.slots[list.documents[i]!] !== 0) counts[nth] = counts[nth]! + 1;
    }
    clearMatches(matches);
  }
  return counts;
}
