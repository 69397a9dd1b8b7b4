import type { TextIndex } from '../index/text-index.js';
import { clearMatches, type Matches, matchSegment } from './match.js';
import type { Alternative, QueryPlan } from './query-plan.js';
import { type QueryWord, withReplacements } from './query-words.js';

/** Adds completions of the last word and corrections of misspelt words to the groups of a query. */
export interface Rewriter {
  /** For words that no document has; while typing also completions of the last word. */
  rewrite(): void;
  /** The query with its corrections; null if nothing was corrected. */
  corrected(): string | null;
  /** Words that the last one was completed or corrected to. */
  expansions(): ReadonlySet<string>;
}

const completionsMax = 12;
const candidatesMax = 6;
const alternativesMax = 3;
/** A correction is preferred to completions that are this many times rarer. */
const muchMoreFrequent = 10;
const weights = { completion: 0.8, correction: 0.9, further: 0.4 };
const halfCharsMin = 3;

const expansion = (terms: readonly number[], weight: number): Alternative => ({
  terms,
  weight,
  fuzzy: true,
  synonym: null,
});

interface Completed {
  readonly alternatives: readonly Alternative[];
  /** The number of documents with the most frequent completion. */
  readonly frequency: number;
}

interface RankedCorrection {
  readonly term: number;
  readonly text: string;
  readonly likelihood: number;
}

export interface RewriterParts {
  readonly pieces: readonly string[];
  readonly words: readonly QueryWord[];
  readonly plans: readonly QueryPlan[];
  readonly matches: Matches;
  readonly typing: boolean;
}

export function createRewriter({ pieces, words, plans, matches, typing }: RewriterParts): Rewriter {
  const expansions = new Set<string>();
  const replaced = new Map<number, string>();

  const isIndexed = (index: TextIndex, { terms }: Alternative): boolean =>
    terms.every((term) => index.documentFrequency(term) > 0);
  const isKnown = (i: number): boolean =>
    plans.some(({ index, groups }) =>
      groups[i]!.alternatives.some((alternative) => isIndexed(index, alternative)),
    );

  function add(plan: QueryPlan, i: number, further: readonly Alternative[]): void {
    if (further.length === 0) return;
    const group = plan.groups[i]!;
    const known = group.alternatives.filter((alternative) => isIndexed(plan.index, alternative));
    plan.groups[i] = { ...group, alternatives: [...known, ...further] };
  }

  /** Completions of the last word; if there are none while typing, completions of what is one edit away. */
  function completions(plan: QueryPlan, i: number): Completed {
    const { vocabulary } = plan.index;
    const { word } = plan.groups[i]!;
    let ids = i === words.length - 1 ? vocabulary.prefixes.completions(word, completionsMax) : [];
    if (ids.length === 0 && typing && i === words.length - 1)
      ids = vocabulary.prefixes.completionsNear(word, completionsMax);
    for (const id of ids) expansions.add(vocabulary.textOf(id));
    const terms = new Set(ids.map((id) => vocabulary.termOf(id)));
    return {
      alternatives: [...terms].map((term) => expansion([term], weights.completion)),
      frequency: ids.length === 0 ? 0 : vocabulary.frequency(ids[0]!),
    };
  }

  /** Corrections of a word, likeliest first: by how often they occur together with the other words of the query. */
  function corrections(plan: QueryPlan, i: number): RankedCorrection[] {
    const { index, groups } = plan;
    const { vocabulary } = index;
    const { word } = groups[i]!;
    const written = vocabulary.termOfWord(word);
    const candidates = vocabulary.spelling
      .corrections(word, candidatesMax)
      .map(({ wordId, likelihood }) => ({
        term: vocabulary.termOf(wordId),
        text: vocabulary.textOf(wordId),
        likelihood,
      }))
      .filter(({ term }) => term !== written && index.documentFrequency(term) > 0);
    if (candidates.length < 2 || words.length === 1) return candidates;
    const terms = candidates.map(({ term }) => term);
    const together = coOccurrences(plan, i, terms, matches);
    return candidates
      .map((candidate, nth) => ({
        ...candidate,
        likelihood: candidate.likelihood * (0.02 + together[nth]! / index.documentFrequency(candidate.term)),
      }))
      .sort((a, b) => b.likelihood - a.likelihood);
  }

  function asAlternatives(found: readonly RankedCorrection[]): Alternative[] {
    return found
      .slice(0, alternativesMax)
      .filter(({ likelihood }) => likelihood >= found[0]!.likelihood / 10)
      .map(({ term }, rank) => expansion([term], rank === 0 ? weights.correction : weights.further));
  }

  /** Two known words that were written as one. */
  function split(plan: QueryPlan, i: number): { alternative: Alternative; text: string } | null {
    const { vocabulary } = plan.index;
    const { word } = plan.groups[i]!;
    let best: { alternative: Alternative; text: string } | null = null;
    let highest = 1;
    for (let at = halfCharsMin; at <= word.length - halfCharsMin; at++) {
      const halves = [word.slice(0, at), word.slice(at)];
      const ids = halves.map((half) => vocabulary.idOf(half));
      if (ids.some((id) => id < 0)) continue;
      const terms = ids.map((id) => vocabulary.termOf(id));
      const frequency = Math.min(...terms.map((term) => plan.index.documentFrequency(term)));
      if (frequency <= highest) continue;
      highest = frequency;
      best = { alternative: expansion([...new Set(terms)], weights.correction), text: halves.join(' ') };
    }
    return best;
  }

  function rewriteUnknown(plan: QueryPlan, i: number): void {
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
      expansions.add(first.text);
    } else if (halves) replaced.set(i, halves.text);
    add(plan, i, [
      ...completed.alternatives,
      ...(correct ? asAlternatives(found) : []),
      ...(halves ? [halves.alternative] : []),
    ]);
  }

  return {
    rewrite() {
      for (const i of words.keys()) {
        const known = isKnown(i);
        for (const plan of plans) {
          if (!known) rewriteUnknown(plan, i);
          else if (typing) add(plan, i, completions(plan, i).alternatives);
        }
      }
    },
    expansions: () => expansions,
    corrected: () => withReplacements(pieces, words, replaced),
  };
}

/** By term: the number of documents that also have a word of the query other than that of group `i`. */
function coOccurrences(
  { index, groups }: QueryPlan,
  i: number,
  terms: readonly number[],
  matches: Matches,
): number[] {
  const counts = terms.map(() => 0);
  const others = groups.flatMap((group, groupNumber) =>
    groupNumber === i ? [] : [{ group, groupNumber, idf: 0, addsMatches: true, must: false }],
  );
  for (const segment of index.segments()) {
    matchSegment(index, segment, others, matches, null, true);
    for (const [nth, term] of terms.entries()) {
      const list = segment.list(term);
      if (!list) continue;
      for (let at = list.start; at < list.end; at++)
        if (matches.slots[list.documents[at]!] !== 0) counts[nth] = counts[nth]! + 1;
    }
    clearMatches(matches);
  }
  return counts;
}
