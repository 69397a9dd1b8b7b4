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
    es: { with: 'Visto junto con «%»', without: 'Visto junto con su selección' },
    it: { with: 'Visto insieme a «%»', without: 'Visto insieme alla sua scelta' },
  },
  BOUGHT_TOGETHER: {
    en: { with: 'Goes into the same basket as “%”', without: 'Goes into the same basket as your choice' },
    de: {
      with: 'Kommt in denselben Warenkorb wie „%“',
      without: 'Kommt in denselben Warenkorb wie Ihre Auswahl',
    },
    fr: { with: 'Va dans le même panier que « % »', without: 'Va dans le même panier que votre sélection' },
    es: { with: 'Va en la misma cesta que «%»', without: 'Va en la misma cesta que su selección' },
    it: { with: 'Va nello stesso carrello di «%»', without: 'Va nello stesso carrello della sua scelta' },
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
    es: {
      with: 'Comprado por otros que compraron «%»',
      without: 'Comprado por otros que compraron lo mismo que usted',
    },
    it: {
      with: 'Acquistato da altri che hanno acquistato «%»',
      without: 'Acquistato da altri che hanno acquistato le stesse cose',
    },
  },
  SIMILAR_TO: {
    en: { with: 'Similar to “%”', without: 'Similar to your choice' },
    de: { with: 'Ähnlich wie „%“', without: 'Ähnlich wie Ihre Auswahl' },
    fr: { with: 'Semblable à « % »', without: 'Semblable à votre sélection' },
    es: { with: 'Parecido a «%»', without: 'Parecido a su selección' },
    it: { with: 'Simile a «%»', without: 'Simile alla sua scelta' },
  },
  ACCESSORY_OF: {
    en: { with: 'Accessory for “%”', without: 'Accessory for your choice' },
    de: { with: 'Zubehör zu „%“', without: 'Zubehör zu Ihrer Auswahl' },
    fr: { with: 'Accessoire pour « % »', without: 'Accessoire pour votre sélection' },
    es: { with: 'Accesorio para «%»', without: 'Accesorio para su selección' },
    it: { with: 'Accessorio per «%»', without: 'Accessorio per la sua scelta' },
  },
  SPARE_PART_OF: {
    en: { with: 'Spare part for “%”', without: 'Spare part for your choice' },
    de: { with: 'Ersatzteil für „%“', without: 'Ersatzteil für Ihre Auswahl' },
    fr: { with: 'Pièce de rechange pour « % »', without: 'Pièce de rechange pour votre sélection' },
    es: { with: 'Recambio para «%»', without: 'Recambio para su selección' },
    it: { with: 'Ricambio per «%»', without: 'Ricambio per la sua scelta' },
  },
  SUBSTITUTE_FOR: {
    en: { with: 'Alternative to “%”', without: 'Alternative to your choice' },
    de: { with: 'Alternative zu „%“', without: 'Alternative zu Ihrer Auswahl' },
    fr: { with: 'Alternative à « % »', without: 'Alternative à votre sélection' },
    es: { with: 'Alternativa a «%»', without: 'Alternativa a su selección' },
    it: { with: 'Alternativa a «%»', without: 'Alternativa alla sua scelta' },
  },
  UPSELL_OF: {
    en: { with: 'A step up from “%”', without: 'A step up from your choice' },
    de: { with: 'Eine Stufe über „%“', without: 'Eine Stufe über Ihrer Auswahl' },
    fr: { with: 'Un cran au-dessus de « % »', without: 'Un cran au-dessus de votre sélection' },
    es: { with: 'Un paso por encima de «%»', without: 'Un paso por encima de su selección' },
    it: { with: 'Un gradino sopra «%»', without: 'Un gradino sopra la sua scelta' },
  },
  RECENTLY_VIEWED: {
    en: { without: 'You looked at this before' },
    de: { without: 'Das haben Sie sich schon angesehen' },
    fr: { without: 'Vous l’avez déjà regardé' },
    es: { without: 'Ya lo ha visto' },
    it: { without: 'Lo ha già visto' },
  },
  BUY_AGAIN: {
    en: { with: 'You buy this about every % days', without: 'You bought this before' },
    de: { with: 'Das kaufen Sie etwa alle % Tage', without: 'Das haben Sie schon einmal gekauft' },
    fr: { with: 'Vous l’achetez environ tous les % jours', without: 'Vous l’avez déjà acheté' },
    es: { with: 'Lo compra cada % días, más o menos', without: 'Ya lo ha comprado' },
    it: { with: 'Lo acquista circa ogni % giorni', without: 'Lo ha già acquistato' },
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
    es: {
      with: 'Popular en %, donde le han interesado varias cosas',
      without: 'Popular donde le han interesado varias cosas',
    },
    it: {
      with: 'Popolare in %, dove le sono interessate varie cose',
      without: 'Popolare dove le sono interessate varie cose',
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
    es: { with: 'De %, una marca que ya le ha interesado', without: 'De una marca que ya le ha interesado' },
    it: {
      with: 'Di %, una marca che le è già interessata',
      without: 'Di una marca che le è già interessata',
    },
  },
  POPULAR_IN_STORE: {
    en: { without: 'Popular in this store' },
    de: { without: 'Beliebt in dieser Filiale' },
    fr: { without: 'Populaire dans ce magasin' },
    es: { without: 'Popular en esta tienda' },
    it: { without: 'Popolare in questo negozio' },
  },
  POPULAR_IN_CATEGORY: {
    en: { with: 'Popular in %', without: 'Popular in this category' },
    de: { with: 'Beliebt in %', without: 'Beliebt in dieser Kategorie' },
    fr: { with: 'Populaire dans %', without: 'Populaire dans cette catégorie' },
    es: { with: 'Popular en %', without: 'Popular en esta categoría' },
    it: { with: 'Popolare in %', without: 'Popolare in questa categoria' },
  },
  POPULAR: {
    en: { without: 'Popular right now' },
    de: { without: 'Gerade beliebt' },
    fr: { without: 'Populaire en ce moment' },
    es: { without: 'Popular en este momento' },
    it: { without: 'Popolare in questo momento' },
  },
  NEW_ARRIVAL: {
    en: { without: 'Among the newest products' },
    de: { without: 'Eines der neuesten Produkte' },
    fr: { without: 'Parmi les plus récents' },
    es: { without: 'Entre los productos más recientes' },
    it: { without: 'Tra i prodotti più recenti' },
  },
  CURATED: {
    en: { without: 'Chosen by the shop' },
    de: { without: 'Vom Shop ausgewählt' },
    fr: { without: 'Choisi par la boutique' },
    es: { without: 'Elegido por la tienda' },
    it: { without: 'Scelto dal negozio' },
  },
};
