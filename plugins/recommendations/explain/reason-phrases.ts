import type { Phrases } from '../../../src/ports/recommenders.js';

/**
 * Phrases of Rapport's reasons, true in every case: for one basket or a hundred, other shoppers or the same one, yesterday or last year.
 * Languages that are missing read English.
 */
export const phrases: Readonly<Record<string, Phrases>> = {
  VIEWED_TOGETHER: {
    en: { with: 'Looked at together with “%”', without: 'Looked at together with your choice' },
    de: { with: 'Wird zusammen mit „%“ angesehen', without: 'Wird zusammen mit Ihrer Auswahl angesehen' },
    fr: { with: 'Regardé avec « % »', without: 'Regardé avec votre sélection' },
  },
  BOUGHT_TOGETHER: {
    en: { with: 'Goes into the same basket as “%”', without: 'Goes into the same basket as your choice' },
    de: {
      with: 'Kommt in denselben Warenkorb wie „%“',
      without: 'Kommt in denselben Warenkorb wie Ihre Auswahl',
    },
    fr: { with: 'Va dans le même panier que « % »', without: 'Va dans le même panier que votre sélection' },
  },
  BOUGHT_BY_OTHERS_WHO_BOUGHT: {
    en: { with: 'Bought by others who bought “%”', without: 'Bought by others who bought what you bought' },
    de: {
      with: 'Von anderen gekauft, die „%“ gekauft haben',
      without: 'Von anderen gekauft, die kauften, was Sie gekauft haben',
    },
    fr: {
      with: 'Acheté par d’autres qui ont acheté « % »',
      without: 'Acheté par d’autres qui ont acheté la même chose que vous',
    },
  },
  SIMILAR_TO: {
    en: { with: 'Similar to “%”', without: 'Similar to your choice' },
    de: { with: 'Ähnlich wie „%“', without: 'Ähnlich wie Ihre Auswahl' },
    fr: { with: 'Semblable à « % »', without: 'Semblable à votre sélection' },
  },
  ACCESSORY_OF: {
    en: { with: 'Accessory for “%”', without: 'Accessory for your choice' },
    de: { with: 'Zubehör zu „%“', without: 'Zubehör zu Ihrer Auswahl' },
    fr: { with: 'Accessoire pour « % »', without: 'Accessoire pour votre sélection' },
  },
  SPARE_PART_OF: {
    en: { with: 'Spare part for “%”', without: 'Spare part for your choice' },
    de: { with: 'Ersatzteil für „%“', without: 'Ersatzteil für Ihre Auswahl' },
    fr: { with: 'Pièce de rechange pour « % »', without: 'Pièce de rechange pour votre sélection' },
  },
  SUBSTITUTE_FOR: {
    en: { with: 'Alternative to “%”', without: 'Alternative to your choice' },
    de: { with: 'Alternative zu „%“', without: 'Alternative zu Ihrer Auswahl' },
    fr: { with: 'Alternative à « % »', without: 'Alternative à votre sélection' },
  },
  UPSELL_OF: {
    en: { with: 'A step up from “%”', without: 'A step up from your choice' },
    de: { with: 'Eine Stufe über „%“', without: 'Eine Stufe über Ihrer Auswahl' },
    fr: { with: 'Un cran au-dessus de « % »', without: 'Un cran au-dessus de votre sélection' },
  },
  RECENTLY_VIEWED: {
    en: { without: 'You looked at this before' },
    de: { without: 'Das haben Sie sich schon angesehen' },
    fr: { without: 'Vous l’avez déjà regardé' },
  },
  BUY_AGAIN: {
    en: { with: 'You buy this about every % days', without: 'You bought this before' },
    de: { with: 'Das kaufen Sie etwa alle % Tage', without: 'Das haben Sie schon einmal gekauft' },
    fr: { with: 'Vous l’achetez environ tous les % jours', without: 'Vous l’avez déjà acheté' },
  },
  FAVOURITE_CATEGORY: {
    en: {
      with: 'Popular in %, where several things interested you',
      without: 'Popular where several things interested you',
    },
    de: {
      with: 'Beliebt in %, wo Sie mehreres interessiert hat',
      without: 'Beliebt, wo Sie mehreres interessiert hat',
    },
    fr: {
      with: 'Populaire dans %, où plusieurs articles vous ont intéressé',
      without: 'Populaire là où plusieurs articles vous ont intéressé',
    },
  },
  FAVOURITE_BRAND: {
    en: {
      with: 'From %, a brand that interested you before',
      without: 'From a brand that interested you before',
    },
    de: {
      with: 'Von %, einer Marke, die Sie schon interessiert hat',
      without: 'Von einer Marke, die Sie schon interessiert hat',
    },
    fr: {
      with: 'De %, une marque qui vous a déjà intéressé',
      without: 'D’une marque qui vous a déjà intéressé',
    },
  },
  POPULAR_IN_STORE: {
    en: { without: 'Popular in this store' },
    de: { without: 'Beliebt in dieser Filiale' },
    fr: { without: 'Populaire dans ce magasin' },
  },
  POPULAR_IN_CATEGORY: {
    en: { with: 'Popular in %', without: 'Popular in this category' },
    de: { with: 'Beliebt in %', without: 'Beliebt in dieser Kategorie' },
    fr: { with: 'Populaire dans %', without: 'Populaire dans cette catégorie' },
  },
  POPULAR: {
    en: { without: 'Popular right now' },
    de: { without: 'Gerade beliebt' },
    fr: { without: 'Populaire en ce moment' },
  },
  NEW_ARRIVAL: {
    en: { without: 'Among the newest products' },
    de: { without: 'Eines der neuesten Produkte' },
    fr: { without: 'Parmi les plus récents' },
  },
  CURATED: {
    en: { without: 'Chosen by the shop' },
    de: { without: 'Vom Shop ausgewählt' },
    fr: { without: 'Choisi par la boutique' },
  },
};
