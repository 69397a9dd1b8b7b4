import type { Product } from '../../../src/ports/catalog.js';
import type { Reason } from '../../../src/ports/recommendations.js';
import type {
  Cause,
  Phrases,
  RankingContext,
  Recommender,
  RecommenderModel,
} from '../../../src/ports/recommenders.js';
import type { Share } from '../ranking/fusion.js';
import type { Ranked } from '../ranking/ranked.js';
import { phrases as ownPhrases } from './reason-phrases.js';

const reasonsMax = 3;
/** A recommender that contributed less than this part of the score is not named. */
const shareMin = 0.15;

type CauseOf = (share: Share, item: number, context: RankingContext) => Required<Cause>;

/** Finds the source and the reason of a contribution to a product's score. */
export function createCauses(
  recommenders: readonly (Pick<Recommender, 'name' | 'source' | 'reason'> &
    Pick<RecommenderModel, 'causeOf'>)[],
): CauseOf {
  const byName = new Map(recommenders.map((each) => [each.name, each]));
  return ({ name, cause: anchor }, item, context) => {
    const recommender = byName.get(name);
    if (recommender === undefined) return { code: 'CURATED', source: 'CURATED', because: -1, subject: null };
    const cause = recommender.causeOf?.(item, anchor, context);
    if (cause === undefined)
      return { code: recommender.reason, source: recommender.source, because: anchor, subject: null };
    const { code, source = recommender.source, because, subject } = cause;
    return { code, source, because, subject };
  };
}

/** The causes of a product's rank, largest contribution first: 1 to 3. The first one's source is the product's. */
export function causesOf(ranked: Ranked, context: RankingContext, causeOf: CauseOf): Required<Cause>[] {
  const shares = sharesNamed(ranked.shares);
  let total = 0;
  for (const share of shares) total += share.amount;
  const causes: Required<Cause>[] = [];
  for (const share of shares) {
    if (causes.length >= reasonsMax) break;
    if (causes.length > 0 && share.amount < shareMin * total) break;
    const cause = causeOf(share, ranked.item, context);
    if (!holds(causes, cause)) causes.push(cause);
  }
  return causes;
}

/** Largest first, without those that give no reason while others do. */
function sharesNamed(all: readonly Share[]): readonly Share[] {
  if (all.length === 1) return all;
  const named = all.filter((share) => !isUnvouched(share));
  if (named.length === 0) return all;
  // Sorting allocates, and there are few.
  for (let at = 1; at < named.length; at++) {
    const moving = named[at]!;
    let to = at;
    for (; to > 0 && named[to - 1]!.amount < moving.amount; to--) named[to] = named[to - 1]!;
    named[to] = moving;
  }
  return named;
}

function holds(causes: readonly Cause[], { code, because }: Cause): boolean {
  for (const cause of causes) if (cause.code === code && cause.because === because) return true;
  return false;
}

/** True if too few people viewed it to name the anchor item. Such a reason is given only if there is no other. */
const isUnvouched = ({ name, cause }: Share): boolean => name === 'session' && cause < 0;

/** The data that the text of a reason names. */
export interface Naming {
  /** The language of the phrases, as `languageOf` returns it. */
  readonly language: string;
  product(product: Product): string;
  /** null for an unknown category. */
  category(id: string): string | null;
}

/** Puts a cause into words. `phrases`: of reason codes that are not Rapport's own. */
export function wordReason(
  { code, subject }: Pick<Cause, 'code' | 'subject'>,
  because: Product | null,
  naming: Naming,
  phrases: Readonly<Record<string, Phrases>> = {},
): Reason {
  const byLanguage = ownPhrases[code] ?? phrases[code]!;
  const phrase = byLanguage[naming.language] ?? byLanguage.en!;
  const name =
    phrase.with === undefined
      ? null
      : because === null
        ? nameOfSubject(subject, naming)
        : naming.product(because);
  return { code, text: name === null ? phrase.without : filled(phrase.with!, name), because };
}

function nameOfSubject(subject: Cause['subject'], naming: Naming): string | null {
  if (subject === null) return null;
  return 'text' in subject ? subject.text : naming.category(subject.categoryId);
}

function filled(phrase: string, name: string): string {
  const at = phrase.indexOf('%');
  return at < 0 ? phrase : phrase.slice(0, at) + name + phrase.slice(at + 1);
}

/** The first reason as a voice says it; null if it would name a product that is not to be said aloud, or there is none. */
export function spokenReason(
  [reason]: readonly Reason[],
  naming: Naming,
  phrases: Readonly<Record<string, Phrases>>,
): string | null {
  if (reason === undefined) return null;
  const { code, text, because } = reason;
  if (because === null) return text;
  return because.speakable ? wordReason({ code, subject: null }, because, naming, phrases).text : null;
}
