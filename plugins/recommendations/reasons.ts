import type { Product, Shelf } from '../../src/ports/catalog.js';
import type { Reason, ReasonCode } from '../../src/ports/recommendations.js';
import type { Share } from './fusion.js';
import type { Ranked } from './ranking.js';
import { origins, type Situation } from './recommenders.js';

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
  const shares =
    ranked.shares.length > 1 ? [...ranked.shares].sort((a, b) => b.amount - a.amount) : ranked.shares;
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

function causeOf(
  item: number,
  share: Share,
  situation: Situation,
  shelf: Pick<Shelf, 'categories' | 'brand'>,
): Cause {
  const { evidence } = situation;
  const { code } = origins[share.name];
  // A session also proposes what was looked at in it: then nothing but that is the cause.
  if (share.cause === item) return { code: 'RECENTLY_VIEWED', because: -1, of: null, everyDays: null };
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
  } else if (share.name === 'buyAgain') {
    everyDays = daysBetween(evidence.purchases.get(item) ?? []);
  }
  return { code, because: share.cause, of, everyDays };
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

interface Phrases extends Readonly<Record<ReasonCode, { readonly with?: string; readonly without: string }>> {
  /** The typical number of days between two purchases. */
  readonly EVERY: string;
}

/** `%` stands for the name of the product, category or brand. */
const phrases: Readonly<Record<string, Phrases>> = {
  en: {
    VIEWED_TOGETHER: {
      with: 'Others who looked at “%” went on to this',
      without: 'Others who looked at the same went on to this',
    },
    BOUGHT_TOGETHER: {
      with: 'Often bought together with “%”',
      without: 'Often bought together with your choice',
    },
    SIMILAR_TO: { with: 'Similar to “%”', without: 'Similar to your choice' },
    RECENTLY_VIEWED: { without: 'You looked at this recently' },
    BUY_AGAIN: { without: 'You bought this before' },
    EVERY: 'You buy this about every % days',
    FAVOURITE_CATEGORY: {
      with: 'Popular in %, where you look around often',
      without: 'Popular where you look around often',
    },
    FAVOURITE_BRAND: { with: 'From %, a brand you often look at', without: 'From a brand you often look at' },
    POPULAR_IN_STORE: { without: 'Popular in this store' },
    POPULAR_IN_CATEGORY: { with: 'Popular in %', without: 'Popular in this category' },
    POPULAR: { without: 'Popular right now' },
    NEW_ARRIVAL: { without: 'Among the newest products' },
  },
  de: {
    VIEWED_TOGETHER: {
      with: 'Andere, die „%“ angesehen haben, haben sich auch das angesehen',
      without: 'Andere, die dasselbe angesehen haben, haben sich auch das angesehen',
    },
    BOUGHT_TOGETHER: {
      with: 'Wird oft zusammen mit „%“ gekauft',
      without: 'Wird oft zusammen mit Ihrer Auswahl gekauft',
    },
    SIMILAR_TO: { with: 'Ähnlich wie „%“', without: 'Ähnlich wie Ihre Auswahl' },
    RECENTLY_VIEWED: { without: 'Das haben Sie sich vor Kurzem angesehen' },
    BUY_AGAIN: { without: 'Das haben Sie schon einmal gekauft' },
    EVERY: 'Das kaufen Sie etwa alle % Tage',
    FAVOURITE_CATEGORY: {
      with: 'Beliebt in %, wo Sie sich oft umsehen',
      without: 'Beliebt, wo Sie sich oft umsehen',
    },
    FAVOURITE_BRAND: {
      with: 'Von %, einer Marke, die Sie oft ansehen',
      without: 'Von einer Marke, die Sie oft ansehen',
    },
    POPULAR_IN_STORE: { without: 'Beliebt in dieser Filiale' },
    POPULAR_IN_CATEGORY: { with: 'Beliebt in %', without: 'Beliebt in dieser Kategorie' },
    POPULAR: { without: 'Gerade beliebt' },
    NEW_ARRIVAL: { without: 'Eines der neuesten Produkte' },
  },
  fr: {
    VIEWED_TOGETHER: {
      with: 'Vu ensuite par d’autres qui ont regardé « % »',
      without: 'Vu ensuite par d’autres qui ont regardé la même chose',
    },
    BOUGHT_TOGETHER: {
      with: 'Souvent acheté avec « % »',
      without: 'Souvent acheté avec votre sélection',
    },
    SIMILAR_TO: { with: 'Semblable à « % »', without: 'Semblable à votre sélection' },
    RECENTLY_VIEWED: { without: 'Vous l’avez regardé récemment' },
    BUY_AGAIN: { without: 'Vous l’avez déjà acheté' },
    EVERY: 'Vous l’achetez environ tous les % jours',
    FAVOURITE_CATEGORY: {
      with: 'Populaire dans %, que vous parcourez souvent',
      without: 'Populaire là où vous regardez souvent',
    },
    FAVOURITE_BRAND: {
      with: 'De %, une marque que vous regardez souvent',
      without: 'D’une marque que vous regardez souvent',
    },
    POPULAR_IN_STORE: { without: 'Populaire dans ce magasin' },
    POPULAR_IN_CATEGORY: { with: 'Populaire dans %', without: 'Populaire dans cette catégorie' },
    POPULAR: { without: 'Populaire en ce moment' },
    NEW_ARRIVAL: { without: 'Parmi les plus récents' },
  },
};

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
