import type { TextIndex } from '../index/text-index.js';
import { unspaced } from '../tokens/tokenizer.js';
import { clearMatches, type Matches, matchSegment } from './match.js';
import { documentsWith } from './phrases.js';
import { type Alternative, type QueryPlan, synonymsIn } from './query-plan.js';
import { type QueryWords, withReplacements } from './query-words.js';
import type { Synonyms } from './synonyms.js';

/** Adds related words, completions of the last word and corrections of misspelt words to the groups of a query. */
interface Rewriter {
  /**
   * A word that documents have also finds compounds that end with it, and other forms of it that are attribute values: a colour in another
   * gender. A word that none has finds all its forms and is completed. It is corrected only if it has no form.
   */
  rewrite(): void;
  /** The query with its corrections; null if nothing was corrected. `spelling`: how the catalog spells a folded word. */
  corrected(spelling: (word: string) => string): string | null;
  /** Words that the last one was completed or corrected to. */
  expansions(): ReadonlySet<string>;
}

const completionsMax = 12;
const candidatesMax = 6;
const alternativesMax = 3;
/** A correction is preferred to completions that are this many times rarer. */
const muchMoreFrequent = 10;
const relatedMax = 20;
const weights = { form: 0.9, compound: 0.8, completion: 0.8, correction: 0.9, further: 0.4 };
const halfCharsMin = 3;
/** In scripts without spaces, most words have two characters. */
const unspacedHalfCharsMin = 2;

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
  readonly wordId: number;
  readonly likelihood: number;
}

/** A word that was read as two. */
interface Split {
  readonly words: readonly string[];
  readonly alternatives: readonly Alternative[];
}

interface RewriterParts {
  readonly query: QueryWords;
  readonly plans: readonly QueryPlan[];
  readonly synonyms: Synonyms;
  readonly matches: Matches;
  readonly typing: boolean;
}

export function createRewriter(parts: RewriterParts): Rewriter {
  const { query, plans, synonyms, matches, typing } = parts;
  const { words } = query;
  const isLast = (i: number): boolean => i === words.length - 1;
  const expansions = new Set<string>();
  /** By word: the folded words that it was corrected to. */
  const replaced = new Map<number, readonly string[]>();

  const isIndexed = (index: TextIndex, { terms }: Alternative): boolean =>
    terms.every((term) => index.documentFrequency(term) > 0);
  const isKnown = (i: number): boolean =>
    plans.some(({ index, groups }) =>
      groups[i]!.alternatives.some((alternative) => isIndexed(index, alternative)),
    );

  /** The terms that a word never stands for. */
  const apartFrom = ({ vocabulary }: TextIndex, word: string): readonly number[] =>
    synonyms.apartFrom(word).map((other) => vocabulary.termOfWord(other));

  function add(plan: QueryPlan, i: number, further: readonly Alternative[]): void {
    if (further.length === 0) return;
    const group = plan.groups[i]!;
    const known = group.alternatives.filter((alternative) => isIndexed(plan.index, alternative));
    plan.groups[i] = { ...group, alternatives: [...known, ...further] };
  }

  function related({ index, groups }: QueryPlan, i: number, known: boolean): Alternative[] {
    const { vocabulary, headNouns } = index;
    const { compounds, inflectsAdjectives } = vocabulary.language;
    if (known && !compounds && !inflectsAdjectives) return [];
    const { word } = groups[i]!;
    const written = vocabulary.termOfWord(word);
    const found = new Map<number, number>();
    for (const term of vocabulary.forms.compoundsOf(word))
      if (!index.brandTerms.has(term)) found.set(term, weights.compound);
    if (!known || inflectsAdjectives)
      for (const term of vocabulary.forms.formsOf(word))
        if (!known || headNouns.isQualifier(term)) found.set(term, weights.form);
    found.delete(written);
    for (const term of apartFrom(index, word)) found.delete(term);
    if (found.size === 0) return [];
    return [...found]
      .map(([term, weight]) => ({ frequency: index.documentFrequency(term), of: expansion([term], weight) }))
      .filter(({ frequency }) => frequency > 0)
      .sort((a, b) => b.frequency - a.frequency)
      .slice(0, relatedMax)
      .map(({ of }) => of);
  }

  /** Completions of the last word; if there are none while typing, completions of what is one edit away. */
  function completions(plan: QueryPlan, i: number, isForm: boolean): Completed {
    const { vocabulary } = plan.index;
    const { word } = plan.groups[i]!;
    let ids = isLast(i) ? vocabulary.prefixes.completions(word, completionsMax) : [];
    if (ids.length === 0 && typing && isLast(i) && !isForm)
      ids = vocabulary.prefixes.completionsNear(word, completionsMax);
    for (const id of ids) expansions.add(vocabulary.textOf(id));
    const terms = new Set(ids.map((id) => vocabulary.termOf(id)));
    for (const term of apartFrom(plan.index, word)) terms.delete(term);
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
    const apart = new Set(apartFrom(index, word));
    const candidates = vocabulary.spelling
      .corrections(word, candidatesMax)
      .map(({ wordId, likelihood }) => ({
        term: vocabulary.termOf(wordId),
        wordId,
        likelihood,
      }))
      .filter(({ term }) => term !== written && !apart.has(term) && index.documentFrequency(term) > 0);
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

  /**
   * Two known words that were written as one, those that most products have both of. In languages that join words, the second may be the
   * end of others: "Lederschuh" for a "Damenschuh" of "Leder".
   */
  function split({ index, groups }: QueryPlan, i: number): Split | null {
    const { vocabulary } = index;
    const { word } = groups[i]!;
    const least = unspaced.test(word) ? unspacedHalfCharsMin : halfCharsMin;
    let best: Split | null = null;
    let most = 0;
    for (let at = least; at <= word.length - least; at++) {
      const halves = [word.slice(0, at), word.slice(at)] as const;
      const first = vocabulary.termOfWord(halves[0]);
      if (first < 0) continue;
      const seconds = new Set([vocabulary.termOfWord(halves[1]), ...vocabulary.forms.compoundsOf(halves[1])]);
      seconds.delete(-1);
      const pairs = [...seconds].map((second) => expansion([first, second], weights.correction));
      const together = pairs.map(({ terms }) => countTogether(index, terms));
      const count = Math.max(0, ...together);
      if (count <= most) continue;
      most = count;
      best = { words: halves, alternatives: pairs.filter((_, nth) => together[nth]! > 0) };
    }
    return best;
  }

  /** Corrects a word that has no completion as frequent as its correction. */
  function correct(plan: QueryPlan, i: number, completed: Completed): void {
    const { vocabulary } = plan.index;
    const found = corrections(plan, i);
    const first = found[0];
    if (first === undefined) {
      const halves = completed.frequency === 0 ? split(plan, i) : null;
      // Where words are joined, two words in one are no mistake.
      if (halves && !vocabulary.language.compounds) replaced.set(i, halves.words);
      if (halves) add(plan, i, halves.alternatives);
      else correctBySynonym(plan, i, completed);
      return;
    }
    const frequency = plan.index.documentFrequency(first.term);
    if (completed.frequency > 0 && frequency <= muchMoreFrequent * completed.frequency) return;
    const text = vocabulary.textOf(first.wordId);
    expansions.add(text);
    replaced.set(i, [text]);
    add(plan, i, asAlternatives(found));
    addSynonyms(plan, i, text);
  }

  /** Corrects a word to one that only synonyms have. */
  function correctBySynonym(plan: QueryPlan, i: number, { frequency }: Completed): void {
    const text = frequency === 0 ? synonyms.near(plan.groups[i]!.word) : null;
    if (text === null || !addSynonyms(plan, i, text)) return;
    replaced.set(i, [text]);
  }

  /** Adds the synonyms of a word that was corrected. Returns whether there are any. */
  function addSynonyms(plan: QueryPlan, i: number, text: string): boolean {
    const meant = words.map(({ token }, at) => (at === i ? text : token.whole));
    const applied = synonymsIn(plan.index, synonyms, meant).filter(({ from, to }) => from <= i && i < to);
    for (const { from, to, alternative } of applied)
      for (let at = from; at < to; at++) add(plan, at, [{ ...alternative, fuzzy: true }]);
    return applied.length > 0;
  }

  return {
    rewrite() {
      for (const i of words.keys()) {
        if (words[i]!.quoted) continue;
        const known = isKnown(i);
        const all = plans.map((plan) => related(plan, i, known));
        const isForm = known || all.some((alternatives) => alternatives.length > 0);
        for (const [nth, plan] of plans.entries()) {
          add(plan, i, all[nth]!);
          if (known && !typing) continue;
          const completed = completions(plan, i, isForm);
          add(plan, i, completed.alternatives);
          if (!isForm) correct(plan, i, completed);
        }
      }
    },
    expansions: () => expansions,
    corrected(spelling) {
      const spelled = [...replaced].map(([i, meant]) => [i, meant.map(spelling).join(' ')] as const);
      return withReplacements(query, new Map(spelled));
    },
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
    matchSegment(index, segment, others, matches, null);
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

/** The number of documents that have both terms. */
function countTogether(index: TextIndex, terms: readonly number[]): number {
  const [few, many] = terms.map((term) => documentsWith(index, term)).sort((a, b) => a.length - b.length) as [
    number[],
    number[],
  ];
  const rare = new Set(few);
  return rare.size === 0 ? 0 : many.filter((document) => rare.has(document)).length;
}
