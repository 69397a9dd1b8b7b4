import type { ReasonCode } from '../../src/ports/recommendations.js';

export interface Phrases
  extends Readonly<Record<ReasonCode, { readonly with?: string; readonly without: string }>> {
  /** The typical number of days between two purchases. */
  readonly EVERY: string;
}

/**
 * What is said of a cause, so that it is true of every case: of one basket or a hundred, of other shoppers or the same one, of
 * yesterday or last year. `%` stands for the name of the product, category or brand. Languages that are missing read English.
 */
export const phrases: Readonly<Record<string, Phrases>> = {
  en: {
    VIEWED_TOGETHER: {
      with: 'Looked at together with “%”',
      without: 'Looked at together with your choice',
    },
    BOUGHT_TOGETHER: {
      with: 'Goes into the same basket as “%”',
      without: 'Goes into the same basket as your choice',
    },
    BOUGHT_BY_OTHERS_WHO_BOUGHT: {
      with: 'Bought by others who bought “%”',
      without: 'Bought by others who bought what you bought',
    },
    SIMILAR_TO: { with: 'Similar to “%”', without: 'Similar to your choice' },
    RECENTLY_VIEWED: { without: 'You looked at this before' },
    BUY_AGAIN: { without: 'You bought this before' },
    EVERY: 'You buy this about every % days',
    FAVOURITE_CATEGORY: {
      with: 'Popular in %, where several things interested you',
      without: 'Popular where several things interested you',
    },
    FAVOURITE_BRAND: {
      with: 'From %, a brand that interested you before',
      without: 'From a brand that interested you before',
    },
    POPULAR_IN_STORE: { without: 'Popular in this store' },
    POPULAR_IN_CATEGORY: { with: 'Popular in %', without: 'Popular in this category' },
    POPULAR_AT_THIS_TIME: { without: 'Popular at this time of the week' },
    POPULAR_THIS_SEASON: { without: 'Popular at this time of the year' },
    POPULAR: { without: 'Popular right now' },
    NEW_ARRIVAL: { without: 'Among the newest products' },
    CURATED: { without: 'Chosen by the shop' },
  },
  de: {
    VIEWED_TOGETHER: {
      with: 'Wird zusammen mit „%“ angesehen',
      without: 'Wird zusammen mit Ihrer Auswahl angesehen',
    },
    BOUGHT_TOGETHER: {
      with: 'Kommt in denselben Warenkorb wie „%“',
      without: 'Kommt in denselben Warenkorb wie Ihre Auswahl',
    },
    BOUGHT_BY_OTHERS_WHO_BOUGHT: {
      with: 'Von anderen gekauft, die „%“ gekauft haben',
      without: 'Von anderen gekauft, die kauften, was Sie gekauft haben',
    },
    SIMILAR_TO: { with: 'Ähnlich wie „%“', without: 'Ähnlich wie Ihre Auswahl' },
    RECENTLY_VIEWED: { without: 'Das haben Sie sich schon angesehen' },
    BUY_AGAIN: { without: 'Das haben Sie schon einmal gekauft' },
    EVERY: 'Das kaufen Sie etwa alle % Tage',
    FAVOURITE_CATEGORY: {
      with: 'Beliebt in %, wo Sie mehreres interessiert hat',
      without: 'Beliebt, wo Sie mehreres interessiert hat',
    },
    FAVOURITE_BRAND: {
      with: 'Von %, einer Marke, die Sie schon interessiert hat',
      without: 'Von einer Marke, die Sie schon interessiert hat',
    },
    POPULAR_IN_STORE: { without: 'Beliebt in dieser Filiale' },
    POPULAR_IN_CATEGORY: { with: 'Beliebt in %', without: 'Beliebt in dieser Kategorie' },
    POPULAR_AT_THIS_TIME: { without: 'Um diese Zeit der Woche beliebt' },
    POPULAR_THIS_SEASON: { without: 'Zu dieser Jahreszeit beliebt' },
    POPULAR: { without: 'Gerade beliebt' },
    NEW_ARRIVAL: { without: 'Eines der neuesten Produkte' },
    CURATED: { without: 'Vom Shop ausgewählt' },
  },
  fr: {
    VIEWED_TOGETHER: {
      with: 'Regardé avec « % »',
      without: 'Regardé avec votre sélection',
    },
    BOUGHT_TOGETHER: {
      with: 'Va dans le même panier que « % »',
      without: 'Va dans le même panier que votre sélection',
    },
    BOUGHT_BY_OTHERS_WHO_BOUGHT: {
      with: 'Acheté par d’autres qui ont acheté « % »',
      without: 'Acheté par d’autres qui ont acheté la même chose que vous',
    },
    SIMILAR_TO: { with: 'Semblable à « % »', without: 'Semblable à votre sélection' },
    RECENTLY_VIEWED: { without: 'Vous l’avez déjà regardé' },
    BUY_AGAIN: { without: 'Vous l’avez déjà acheté' },
    EVERY: 'Vous l’achetez environ tous les % jours',
    FAVOURITE_CATEGORY: {
      with: 'Populaire dans %, où plusieurs articles vous ont intéressé',
      without: 'Populaire là où plusieurs articles vous ont intéressé',
    },
    FAVOURITE_BRAND: {
      with: 'De %, une marque qui vous a déjà intéressé',
      without: 'D’une marque qui vous a déjà intéressé',
    },
    POPULAR_IN_STORE: { without: 'Populaire dans ce magasin' },
    POPULAR_IN_CATEGORY: { with: 'Populaire dans %', without: 'Populaire dans cette catégorie' },
    POPULAR_AT_THIS_TIME: { without: 'Populaire à ce moment de la semaine' },
    POPULAR_THIS_SEASON: { without: 'Populaire à cette période de l’année' },
    POPULAR: { without: 'Populaire en ce moment' },
    NEW_ARRIVAL: { without: 'Parmi les plus récents' },
    CURATED: { without: 'Choisi par la boutique' },
  },
};
