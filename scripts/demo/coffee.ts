import { type Line, same, text } from './line.js';

const grams = {
  attribute: 'Weight (g)',
  unit: same('g'),
  grams: true,
  values: [250, 500, 1000],
  grows: 0.85,
};

/** Beans, machines and all around them. */
export const coffeeLines: readonly Line[] = [
  {
    category: {
      id: 'coffee-beans',
      parentId: 'coffee',
      name: text('Coffee beans', 'Kaffeebohnen', 'Café en grains'),
    },
    products: 60,
    brands: ['Morgenrot', 'Oroverde', 'Tazzamia', 'Brunel & Sons'],
    series: [
      'Yirga',
      'Alba',
      'Monte Sol',
      'Huila',
      'Notturno',
      'Kilimani',
      'Antigua',
      'Sidama',
      'Tramonto',
      'Cerrado',
      'Bourbon',
      'Lago',
    ],
    kinds: [
      {
        noun: text('espresso beans', 'Espressobohnen', 'grains espresso'),
        motif: 'beans',
        fromEur: 7.5,
        toEur: 12,
      },
      {
        noun: text('filter coffee beans', 'Filterkaffeebohnen', 'grains pour café filtre'),
        motif: 'beans',
        fromEur: 7,
        toEur: 13,
      },
      {
        noun: text('decaf coffee beans', 'entkoffeinierte Kaffeebohnen', 'grains décaféinés'),
        motif: 'beans',
        fromEur: 8,
        toEur: 12,
      },
    ],
    about: text(
      'Roasted slowly in small batches and packed the same day.',
      'In kleinen Chargen langsam geröstet und am selben Tag verpackt.',
      'Torréfié lentement en petits lots et emballé le jour même.',
    ),
    facts: {
      Origin: ['Ethiopia', 'Colombia', 'Guatemala', 'Brazil', 'Kenya'],
      Roast: ['light', 'medium', 'dark'],
      Organic: [true, false],
      Notes: ['berries and jasmine', 'chocolate and hazelnut', 'caramel and orange', 'plum and cocoa'],
    },
    sizes: grams,
    option: {
      name: text('Grind', 'Mahlgrad', 'Mouture'),
      values: [
        text('Whole beans', 'Ganze Bohnen', 'Grains entiers'),
        same('Espresso'),
        text('Filter', 'Filter', 'Filtre'),
        text('French press', 'French Press', 'Cafetière à piston'),
      ],
    },
    lastsDays: 16,
  },
  {
    category: {
      id: 'espresso-machines',
      parentId: 'coffee',
      name: text('Espresso machines', 'Espressomaschinen', 'Machines à espresso'),
    },
    products: 36,
    brands: ['Tazzamia', 'Brühwerk', 'Leverano', 'Kaldera'],
    series: [
      'Uno',
      'Piazza',
      'Mattina',
      'Vapore',
      'Duetto',
      'Pressa',
      'Barista Pro',
      'Crema',
      'Galleria',
      'Studio',
    ],
    kinds: [
      {
        noun: text('espresso machine', 'Espressomaschine', 'machine à espresso'),
        motif: 'machine',
        fromEur: 249,
        toEur: 899,
      },
      {
        noun: text('lever espresso machine', 'Handhebel-Espressomaschine', 'machine à espresso à levier'),
        motif: 'machine',
        fromEur: 449,
        toEur: 1190,
      },
      {
        noun: text('bean-to-cup coffee machine', 'Kaffeevollautomat', 'machine à café à grains'),
        motif: 'machine',
        fromEur: 389,
        toEur: 1290,
      },
    ],
    about: text(
      'Steady temperature, quick to heat, and easy to take apart for cleaning.',
      'Stabile Temperatur, schnell heiß und zum Reinigen leicht zu zerlegen.',
      'Température stable, chauffe rapide et démontage facile pour le nettoyage.',
    ),
    facts: {
      'Pressure (bar)': [9, 15],
      'Tank (l)': [1.2, 1.8, 2.5],
      'Power (W)': [1350, 1450, 1650],
      'Milk frother': [true, false],
    },
    coloured: true,
  },
  {
    category: {
      id: 'coffee-grinders',
      parentId: 'coffee',
      name: text('Coffee grinders', 'Kaffeemühlen', 'Moulins à café'),
    },
    products: 32,
    brands: ['Brühwerk', 'Kaldera', 'Mahlgut'],
    series: ['Fina', 'Konus', 'Tor', 'Mola', 'Granit', 'Sette', 'Piko', 'Solo', 'Duo'],
    kinds: [
      {
        noun: text('electric coffee grinder', 'elektrische Kaffeemühle', 'moulin à café électrique'),
        motif: 'grinder',
        fromEur: 89,
        toEur: 429,
      },
      {
        noun: text('hand coffee grinder', 'Hand-Kaffeemühle', 'moulin à café manuel'),
        motif: 'grinder',
        fromEur: 39,
        toEur: 189,
      },
    ],
    about: text(
      'Even grounds from espresso to French press, with little noise.',
      'Gleichmäßiges Mahlgut von Espresso bis French Press, und das leise.',
      "Mouture régulière de l'espresso à la presse française, sans bruit.",
    ),
    facts: { Burrs: ['steel', 'ceramic'], 'Grind settings': [18, 30, 40, 60], 'Hopper (g)': [35, 60, 250] },
    coloured: true,
  },
  {
    category: {
      id: 'coffee-makers',
      parentId: 'coffee',
      name: text('Coffee makers', 'Kaffeebereiter', 'Cafetières'),
    },
    products: 40,
    brands: ['Brühwerk', 'Glasfluss', 'Leverano', 'Brunel & Sons'],
    series: ['Klara', 'Slow', 'Tulip', 'Haru Nord', 'Morgen', 'Bloom', 'Kanne', 'Torre', 'Bella', 'Lento'],
    kinds: [
      {
        noun: text('pour-over coffee maker', 'Handfilter', 'cafetière filtre manuelle'),
        motif: 'dripper',
        fromEur: 19,
        toEur: 59,
      },
      {
        noun: text('French press coffee maker', 'French Press', 'cafetière à piston'),
        motif: 'press',
        fromEur: 22,
        toEur: 69,
      },
      {
        noun: text('stovetop coffee maker', 'Espressokocher', 'cafetière italienne'),
        motif: 'moka',
        fromEur: 24,
        toEur: 64,
      },
      {
        noun: text('drip coffee maker', 'Filterkaffeemaschine', 'cafetière électrique'),
        motif: 'machine',
        fromEur: 59,
        toEur: 199,
      },
    ],
    about: text(
      'Brews a clean, full cup and rinses clean in a moment.',
      'Brüht klar und aromatisch und ist im Nu ausgespült.',
      'Une tasse nette et aromatique, et un rinçage en un instant.',
    ),
    facts: { Material: ['glass', 'steel', 'aluminium', 'ceramic'], 'Dishwasher safe': [true, false] },
    sizes: { attribute: 'Cups', unit: text('cups', 'Tassen', 'tasses'), values: [2, 4, 8], grows: 0.35 },
  },
  {
    category: {
      id: 'coffee-accessories',
      parentId: 'coffee',
      name: text('Coffee accessories', 'Kaffeezubehör', 'Accessoires à café'),
    },
    products: 45,
    brands: ['Brühwerk', 'Glasfluss', 'Mahlgut', 'Tonart'],
    series: ['Basis', 'Ritual', 'Linea', 'Nord', 'Handwerk', 'Puro', 'Tide', 'Form'],
    kinds: [
      {
        noun: text(
          'paper coffee filters, 100 pieces',
          'Papierfilter, 100 Stück',
          'filtres à café en papier, 100 pièces',
        ),
        motif: 'dripper',
        fromEur: 4,
        toEur: 9,
      },
      {
        noun: text('milk frothing jug', 'Milchkännchen', 'pot à lait'),
        motif: 'jug',
        fromEur: 14,
        toEur: 34,
      },
      {
        noun: text('espresso tamper', 'Espresso-Tamper', 'tasseur à espresso'),
        motif: 'tamper',
        fromEur: 18,
        toEur: 59,
      },
      { noun: text('coffee mug', 'Kaffeebecher', 'tasse à café'), motif: 'cup', fromEur: 11, toEur: 26 },
      { noun: text('coffee scale', 'Kaffeewaage', 'balance à café'), motif: 'scale', fromEur: 29, toEur: 99 },
      {
        noun: text('espresso cup set', 'Espressotassen-Set', 'service à espresso'),
        motif: 'cup',
        fromEur: 24,
        toEur: 54,
      },
    ],
    about: text(
      'A small thing that makes the morning better.',
      'Eine Kleinigkeit, die den Morgen besser macht.',
      'Un petit rien qui embellit le matin.',
    ),
    facts: { Material: ['stoneware', 'steel', 'porcelain', 'glass'], 'Dishwasher safe': [true, false] },
    coloured: true,
  },
];
