/** A taste that shoppers have: the lines they look at, by weight, and what they buy together. */
export interface Theme {
  readonly name: string;
  /** The number of shoppers who come for it, relative to other themes. */
  readonly weight: number;
  readonly lines: Readonly<Record<string, number>>;
  readonly together: readonly (readonly string[])[];
}

export const themes: readonly Theme[] = [
  {
    name: 'coffee',
    weight: 5,
    lines: {
      'coffee-beans': 5,
      'coffee-makers': 2,
      'espresso-machines': 2,
      'coffee-grinders': 2,
      'coffee-accessories': 3,
    },
    together: [
      ['espresso-machines', 'coffee-grinders', 'coffee-beans'],
      ['coffee-makers', 'coffee-accessories', 'coffee-beans'],
      ['coffee-beans', 'coffee-accessories'],
    ],
  },
  {
    name: 'running',
    weight: 4,
    lines: { 'running-shoes': 5, 'running-clothing': 4, 'sports-watches': 2, 'water-bottles': 1 },
    together: [
      ['running-shoes', 'running-clothing'],
      ['running-clothing', 'sports-watches'],
      ['running-shoes', 'water-bottles'],
    ],
  },
  {
    name: 'camping',
    weight: 4,
    lines: {
      tents: 3,
      'sleeping-bags': 3,
      'camp-kitchen': 3,
      'camp-lights': 2,
      backpacks: 3,
      'water-bottles': 2,
    },
    together: [
      ['tents', 'sleeping-bags', 'camp-lights'],
      ['camp-kitchen', 'water-bottles'],
      ['backpacks', 'sleeping-bags'],
    ],
  },
  {
    name: 'music',
    weight: 3,
    lines: { headphones: 4, speakers: 3, turntables: 3 },
    together: [
      ['turntables', 'speakers'],
      ['headphones', 'speakers'],
    ],
  },
  {
    name: 'kitchen',
    weight: 3,
    lines: { cookware: 4, knives: 3, tea: 3, 'coffee-accessories': 1 },
    together: [
      ['cookware', 'knives'],
      ['tea', 'candles'],
    ],
  },
  {
    name: 'home',
    weight: 3,
    lines: { bedding: 3, lamps: 3, candles: 3, soap: 2, 'gift-boxes': 1, 'intimate-care': 1 },
    together: [
      ['bedding', 'candles'],
      ['lamps', 'bedding'],
      ['soap', 'candles'],
    ],
  },
  {
    name: 'garden',
    weight: 2,
    lines: { planters: 3, 'garden-tools': 4, candles: 1 },
    together: [['planters', 'garden-tools']],
  },
  {
    name: 'yoga',
    weight: 1,
    lines: { yoga: 5, tea: 2, 'running-clothing': 1 },
    together: [['yoga', 'tea']],
  },
];

/** Words that shoppers use and the assortment does not, and the line they mean. */
export const otherWords: Readonly<Record<string, readonly string[]>> = {
  'camp-lights': ['flashlight', 'headlamp'],
  'running-shoes': ['sneakers', 'trainers'],
  backpacks: ['rucksack'],
  headphones: ['earbuds', 'headset'],
  'coffee-makers': ['cafetiere', 'moka pot'],
  bedding: ['duvet cover'],
  cookware: ['skillet', 'dutch oven'],
  turntables: ['record player'],
  'sleeping-bags': ['sleeping pad'],
  'sports-watches': ['fitness tracker'],
};
