import type { Contributed } from '../../../src/contributed.js';
import type { Shelf } from '../../../src/ports/catalog.js';
import type {
  Candidates,
  Phrases,
  RankingContext,
  Recommender,
  RecommenderModel,
} from '../../../src/ports/recommenders.js';
import { phrases as ownPhrases } from '../explain/reason-phrases.js';
import type { Part as BlendPart } from '../ranking/fusion.js';
import { type Placement, weightIn } from '../ranking/placements.js';
import { proposalsMax } from './candidates.js';

const deadlineMsDefault = 100;
const deadlineMsMax = 1_000;
const weightMax = 10;

type Entry = Contributed<Recommender>;

const nothingProposed = { proposals: [], degraded: false } as const;

/** Calls all contributed recommenders of a placement. `degraded`: one of them was late, threw or proposed what is no list of candidates. */
export async function proposalsOf(
  entries: readonly Entry[],
  models: ReadonlyMap<string, RecommenderModel>,
  placement: Placement,
  context: RankingContext,
  index: Pick<Shelf, 'size'>,
): Promise<{ readonly proposals: readonly BlendPart[]; readonly degraded: boolean }> {
  if (entries.length === 0) return nothingProposed;
  const found = await Promise.all(
    entries.map(async (entry): Promise<BlendPart | 'none' | null> => {
      const { name, deadlineMs = deadlineMsDefault } = entry.contribution;
      const weight = weightIn(placement, entry.contribution);
      if (weight === 0) return 'none';
      const model = models.get(name);
      if (model === undefined) return null;
      const candidates = await entry.call(deadlineMs, async () =>
        checkCandidates(name, await model.propose(context, proposalsMax), index),
      );
      return candidates && { name, weight, candidates };
    }),
  );
  return {
    proposals: found.filter((each) => each !== null && each !== 'none'),
    degraded: found.includes(null),
  };
}

/** Throws a TypeError that says what is wrong. */
function checkCandidates(name: string, candidates: Candidates, { size }: Pick<Shelf, 'size'>): Candidates {
  const { items, scores, causes, length, mass = 1 } = candidates;
  const refuse = (what: string): never => {
    throw new TypeError(`the recommender ${name} proposed ${what}`);
  };
  if (!(Number.isInteger(length) && length >= 0 && length <= proposalsMax))
    refuse(`${length} products; at most ${proposalsMax} are allowed`);
  if (!(mass > 0 && mass < Number.POSITIVE_INFINITY)) refuse(`a mass of ${mass}; it must be positive`);
  const isItem = (item: number | undefined) => Number.isInteger(item) && item! >= 0 && item! < size;
  const seen = new Set<number>();
  for (let at = 0; at < length; at++) {
    const [item, score, cause] = [items[at], scores[at], causes[at]];
    if (!isItem(item)) refuse(`the internal id ${item}, which no product has`);
    if (seen.has(item!)) refuse(`the internal id ${item} twice`);
    if (!(score! > 0 && score! < Number.POSITIVE_INFINITY))
      refuse(`a score of ${score}; it must be positive`);
    if (cause !== -1 && !isItem(cause)) refuse(`the anchor item ${cause}, which no product has`);
    seen.add(item!);
  }
  return candidates;
}

/** Checks what recommenders declare beside those of this plugin. Throws an Error that names the plugin and what is allowed. */
export function checkRecommenders(
  entries: readonly Entry[],
  ownNames: readonly string[],
  placementNames: readonly string[],
): void {
  const taken = new Set(ownNames);
  for (const { plugin, contribution } of entries) {
    const { name, reason, phrases = {}, blend, deadlineMs = deadlineMsDefault, version = 1 } = contribution;
    const refuse = (what: string): never => {
      throw new Error(`the recommender "${String(name).slice(0, 60)}" of ${plugin} ${what}`);
    };
    if (!/^[a-z][A-Za-z0-9]{0,39}$/.test(name))
      refuse('has no name in camel case of 1 to 40 letters and digits');
    if (taken.has(name) || name === 'pinned') refuse('has the name of another recommender');
    taken.add(name);
    if (!ownPhrases[reason] && !phrases[reason]) refuse(`has no phrase for its reason ${reason}`);
    for (const [code, byLanguage] of Object.entries(phrases)) {
      if (ownPhrases[code]) refuse(`has phrases for ${code}, a reason of Rapport`);
      if (!byLanguage.en?.without) refuse(`has no English phrase for ${code}; give { en: { without: "…" } }`);
    }
    for (const [placement, weight] of Object.entries(blend)) {
      if (!placementNames.includes(placement))
        refuse(`has a weight for the placement "${placement}"; there are ${placementNames.join(', ')}`);
      if (!(weight > 0 && weight <= weightMax))
        refuse(`has the weight ${weight} in ${placement}; above 0 and at most ${weightMax} is allowed`);
    }
    if (!(Number.isInteger(deadlineMs) && deadlineMs >= 1 && deadlineMs <= deadlineMsMax))
      refuse(`has a deadline of ${deadlineMs} ms; 1 to ${deadlineMsMax} is allowed`);
    if (!(Number.isInteger(version) && version >= 1)) refuse(`has the version ${version}; use 1, 2, 3 …`);
  }
}

/** Phrases of all contributed reasons, by code. Of two for one code the first holds. */
export function contributedPhrases(entries: readonly Entry[]): Readonly<Record<string, Phrases>> {
  return Object.assign({}, ...entries.map(({ contribution }) => contribution.phrases ?? {}).toReversed());
}
