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
  return ({ name, cause }, item, context) => {
    const recommender = byName.get(name);
    if (recommender === undefined) return { code: 'CURATED', source: 'CURATED', because: -1, subject: null };
    const { source, reason: code, causeOf } = recommender;
    return { source, ...(causeOf?.(item, cause, context) ?? { code, because: cause, subject: null }) };
  };
}

/** The causes of a product's rank, largest contribution first: 1 to 3. The first one's source is the product's. */
export function causesOf(ranked: Ranked, context: RankingContext, causeOf: CauseOf): Required<Cause>[] {
  const named =
    ranked.shares.length > 1 ? ranked.shares.filter((share) => !isUnvouched(share)) : ranked.shares;
  const shares = named.length === 0 ? ranked.shares : [...named].sort((a, b) => b.amount - a.amount);
  let total = 0;
  for (const share of shares) total += share.amount;
  const causes: Required<Cause>[] = [];
  for (const share of shares) {
    if (causes.length >= reasonsMax) break;
    if (causes.length > 0 && share.amount < shareMin * total) break;
    const cause = causeOf(share, ranked.item, context);
    if (!causes.some(({ code, because }) => code === cause.code && because === cause.because)) {
      causes.push(cause);
    }
  }
  return causes;
}

/** True if too few people viewed it to name the anchor item. Such a reason is given only if there is no other. */
const isUnvouched = ({ name, cause }: Share): boolean => name === 'session' && cause < 0;

/** The data that the text of a reason names. */
export interface Naming {
  readonly locale: string;
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
  const phrase = byLanguage[naming.locale.split('-')[0]!.toLowerCase()] ?? byLanguage.en!;
  return { code, text: phrase.with === undefined ? phrase.without : filled(phrase.with), because };

  function filled(text: string): string {
    const name = because === null ? nameOf(subject) : naming.product(because);
    return name === null ? phrase.without : text.replace('%', () => name);
  }

  function nameOf(named: Cause['subject']): string | null {
    if (named === null) return null;
    return 'text' in named ? named.text : naming.category(named.categoryId);
  }
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
