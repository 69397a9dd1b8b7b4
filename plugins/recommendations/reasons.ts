import type { Product, Shelf } from '../../src/ports/catalog.js';
import type { Reason, ReasonCode } from '../../src/ports/recommendations.js';
import type { Share } from './fusion.js';
import type { Ranked } from './ranking.js';
import { phrases } from './reason-phrases.js';
import { originOf, type Situation } from './recommenders.js';

const reasonsMax = 3;
/** A cause that gave less than this part of the score is not worth telling. */
const shareMin = 0.15;

/** A true cause, before it is put into words. */
export interface Cause {
  readonly code: ReasonCode;
  /** The item that caused it, -1 where none did. */
  readonly because: number;
  /** The id of the category, or the name of the brand, that the code speaks of. */
  readonly of: string | null;
  /** Days between two purchases by this person, where the code speaks of them. */
  readonly everyDays: number | null;
}

/** The causes of a place in the ranking, weightiest first, at most three and at least one. */
export function causesOf(
  ranked: Ranked,
  situation: Situation,
  shelf: Pick<Shelf, 'categories' | 'brand'>,
): Cause[] {
  const named = ranked.shares.length > 1 ? ranked.shares.filter((share) => !isLone(share)) : ranked.shares;
  const shares = named.length === 0 ? ranked.shares : [...named].sort((a, b) => b.amount - a.amount);
  let total = 0;
  for (const share of shares) total += share.amount;
  const causes: Cause[] = [];
  for (const share of shares) {
    if (causes.length >= reasonsMax) break;
    if (causes.length > 0 && share.amount < shareMin * total) break;
    const cause = causeOf(ranked.item, share, situation, shelf);
    if (!causes.some(({ code, because }) => code === cause.code && because === cause.because)) {
      causes.push(cause);
    }
  }
  return causes;
}

/** Too few people looked at it to name the cause. If there is no other reason, it is given without the product. */
const isLone = ({ name, cause }: Share): boolean => name === 'session' && cause < 0;

function causeOf(
  item: number,
  share: Share,
  situation: Situation,
  shelf: Pick<Shelf, 'categories' | 'brand'>,
): Cause {
  const { evidence } = situation;
  const { code } = originOf(item, share);
  // A session also proposes what was looked at in it: then nothing but that is the cause.
  if (share.name === 'session' && share.cause === item)
    return { code: 'RECENTLY_VIEWED', because: -1, of: null, everyDays: null };
  const because = code === 'BUY_AGAIN' ? -1 : share.cause;
  let of: string | null = null;
  let everyDays: number | null = null;
  if (share.name === 'favouriteCategories') {
    const own = shelf.categories(item);
    of = evidence.categories.find(({ name }) => own.includes(name))?.name ?? null;
  } else if (share.name === 'popularInCategory') {
    const own = shelf.categories(item);
    of = situation.categoryIds.find((id) => own.includes(id)) ?? null;
  } else if (share.name === 'favouriteBrands') {
    of = shelf.brand(item);
  } else if (code === 'BUY_AGAIN') {
    everyDays = daysBetween(evidence.purchases.get(item) ?? []);
  }
  return { code, because, of, everyDays };
}

/** The mean of a person's own gaps; null unless there are two. */
function daysBetween(timesMs: readonly number[]): number | null {
  if (timesMs.length < 3) return null;
  const days = (timesMs[0]! - timesMs.at(-1)!) / (timesMs.length - 1) / 86_400_000;
  return Math.max(1, Math.round(days));
}

/** Puts a cause into words. `nameOf` says how a product is called; `categoryName` is that of `cause.of`. */
export function wordReason(
  cause: Cause,
  because: Product | null,
  locale: string,
  nameOf: (product: Product) => string,
  categoryName: (id: string) => string | null,
): Reason {
  const words = phrases[locale.split('-')[0]!.toLowerCase()] ?? phrases.en!;
  const { code } = cause;
  const of = cause.of !== null && code !== 'FAVOURITE_BRAND' ? categoryName(cause.of) : cause.of;
  const name = because === null ? of : nameOf(because);
  const phrase = words[code];
  let text: string;
  if (code === 'BUY_AGAIN' && cause.everyDays !== null)
    text = words.EVERY.replace('%', () => String(cause.everyDays));
  else if (name !== null && phrase.with !== undefined) text = phrase.with.replace('%', () => name);
  else text = phrase.without;
  return { code, text, because };
}

/**
 * A reason as a voice may say it: the first one, with the name of its product short for the ear. Null where it would name a product
 * that is not to be said aloud.
 */
export function spokenReason(
  reasons: readonly Reason[],
  locale: string,
  { shortName }: { shortName(product: Product, locale: string): string },
): string | null {
  const [reason] = reasons;
  if (!reason) return null;
  if (reason.because === null) return reason.text;
  if (!reason.because.speakable) return null;
  const cause: Cause = { code: reason.code, because: 0, of: null, everyDays: null };
  return wordReason(
    cause,
    reason.because,
    locale,
    (product) => shortName(product, locale),
    () => null,
  ).text;
}
