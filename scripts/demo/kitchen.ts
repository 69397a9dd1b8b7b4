import { type Line, same, text } from './line.js';

/** Cooking and tea. */
export const kitchenLines: readonly Line[] = [
  {
    category: { id: 'tea', parentId: 'kitchen', name: text('Tea', 'Tee', 'Thé') },
    products: 36,
    brands: ['Blattgold', 'Hochland & Co', 'Sencha House'],
    series: [
      'First Light',
      'Garden',
      'Monsoon',
      'Evening',
      'Cloud Hill',
      'Meadow',
      'Harbour',
      'Winter',
      'Silver',
    ],
    kinds: [
      { noun: text('green tea', 'Grüntee', 'thé vert'), motif: 'tea', fromEur: 6, toEur: 16 },
      { noun: text('black tea', 'Schwarztee', 'thé noir'), motif: 'tea', fromEur: 5, toEur: 14 },
      { noun: text('herbal tea', 'Kräutertee', 'tisane'), motif: 'tea', fromEur: 4, toEur: 10 },
    ],
    about: text(
      'Loose leaves, picked by hand and blended without added flavour.',
      'Loser Blatttee, von Hand gepflückt, ohne Aromen gemischt.',
      'Feuilles entières, cueillies à la main, sans arômes ajoutés.',
    ),
    facts: {
      Origin: ['Japan', 'Assam', 'Darjeeling', 'Alps'],
      Organic: [true, false],
      Caffeine: ['none', 'some', 'much'],
    },
    sizes: { attribute: 'Weight (g)', unit: same('g'), values: [80, 200], grows: 0.8 },
    lastsDays: 28,
  },
  {
    category: {
      id: 'cookware',
      parentId: 'kitchen',
      name: text('Pots and pans', 'Töpfe und Pfannen', 'Casseroles et poêles'),
    },
    products: 42,
    brands: ['Gusswerk', 'Herdfein', 'Pomodora'],
    series: ['Ferro', 'Rustica', 'Kupfer', 'Cucina', 'Alltag', 'Brasa', 'Sol', 'Chef', 'Terra'],
    kinds: [
      { noun: text('frying pan', 'Bratpfanne', 'poêle'), motif: 'pan', fromEur: 29, toEur: 119 },
      { noun: text('saucepan', 'Stieltopf', 'casserole'), motif: 'saucepan', fromEur: 34, toEur: 109 },
      { noun: text('casserole', 'Bräter', 'cocotte'), motif: 'pot', fromEur: 69, toEur: 199 },
    ],
    about: text(
      'Heats evenly on every hob, induction too.',
      'Gleichmäßig heiß auf jedem Herd, auch auf Induktion.',
      'Chauffe uniformément sur tous les feux, induction comprise.',
    ),
    facts: {
      Material: ['cast iron', 'steel', 'copper'],
      Induction: [true, false],
      Coating: ['none', 'ceramic'],
    },
    sizes: { attribute: 'Diameter (cm)', unit: same('cm'), values: [20, 24, 28], grows: 0.9 },
  },
  {
    category: {
      id: 'knives',
      parentId: 'kitchen',
      name: text('Kitchen knives', 'Küchenmesser', 'Couteaux de cuisine'),
    },
    products: 30,
    brands: ['Lamellia', 'Herdfein', 'Hagane Works'],
    series: ['Edge', 'Haru', 'Sharp', 'Zen', 'Classic', 'Mono', 'Kontur', 'Ame', 'Filet'],
    kinds: [
      {
        noun: text("chef's knife", 'Kochmesser', 'couteau de chef'),
        motif: 'knife',
        fromEur: 49,
        toEur: 219,
      },
      { noun: text('bread knife', 'Brotmesser', 'couteau à pain'), motif: 'knife', fromEur: 39, toEur: 129 },
      {
        noun: text('paring knife', 'Schälmesser', "couteau d'office"),
        motif: 'knife',
        fromEur: 19,
        toEur: 79,
      },
      {
        noun: text('knife sharpener', 'Messerschärfer', 'aiguiseur de couteaux'),
        motif: 'knife',
        fromEur: 24,
        toEur: 89,
      },
    ],
    about: text(
      'Forged, balanced, and sharp for a long time.',
      'Geschmiedet, ausgewogen und lange scharf.',
      'Forgé, équilibré et longtemps tranchant.',
    ),
    facts: {
      Steel: ['damascus', 'carbon', 'stainless'],
      'Blade (cm)': [9, 16, 20, 24],
      Handle: ['olive wood', 'walnut', 'polymer'],
    },
  },
];
