import { type Line, same, text } from './line.js';

/** Living, garden, care, and what is not said aloud. */
export const homeLines: readonly Line[] = [
  {
    category: { id: 'bedding', parentId: 'living', name: text('Bedding', 'Bettwäsche', 'Linge de lit') },
    products: 40,
    brands: ['Weberlein', 'Flaxen & Co', 'Daunenglück'],
    series: ['Linnea', 'Morgentau', 'Soft', 'Hotel', 'Cotton Field', 'Dune', 'Nimbus', 'Siesta', 'Moon'],
    kinds: [
      {
        noun: text('linen quilt cover', 'Leinen-Bettbezug', 'housse de couette en lin'),
        motif: 'bedding',
        fromEur: 89,
        toEur: 189,
      },
      {
        noun: text('cotton quilt cover', 'Baumwoll-Bettbezug', 'housse de couette en coton'),
        motif: 'bedding',
        fromEur: 49,
        toEur: 119,
      },
      { noun: text('pillow', 'Kissen', 'oreiller'), motif: 'bedding', fromEur: 24, toEur: 99 },
    ],
    about: text('Softer with every wash.', 'Mit jeder Wäsche weicher.', 'Plus doux à chaque lavage.'),
    facts: {
      Material: ['linen', 'organic cotton', 'down'],
      'Wash (°C)': [40, 60],
      'Made in': ['Portugal', 'Austria', 'Germany'],
    },
    coloured: true,
    option: {
      name: text('Size', 'Größe', 'Taille'),
      values: ['135 × 200', '155 × 220', '200 × 200'].map(same),
      factors: [1, 1.2, 1.4],
    },
  },
  {
    category: { id: 'lamps', parentId: 'living', name: text('Lamps', 'Leuchten', 'Luminaires') },
    products: 36,
    brands: ['Lichtung', 'Helio', 'Formnah'],
    series: ['Luna', 'Stab', 'Onda', 'Fade', 'Kegel', 'Mira', 'Bow', 'Dot', 'Aster'],
    kinds: [
      { noun: text('table lamp', 'Tischleuchte', 'lampe de table'), motif: 'lamp', fromEur: 39, toEur: 159 },
      { noun: text('floor lamp', 'Stehleuchte', 'lampadaire'), motif: 'lamp', fromEur: 89, toEur: 329 },
      {
        noun: text('pendant lamp', 'Pendelleuchte', 'suspension'),
        motif: 'pendant',
        fromEur: 59,
        toEur: 289,
      },
    ],
    about: text(
      'Warm light, dimmable down to a glow.',
      'Warmes Licht, dimmbar bis zum Glimmen.',
      "Lumière chaude, réglable jusqu'à la lueur.",
    ),
    facts: {
      Dimmable: [true, false],
      'Colour temperature (K)': [2200, 2700, 3000],
      Material: ['brass', 'oak', 'glass'],
    },
    coloured: true,
  },
  {
    category: { id: 'candles', parentId: 'living', name: text('Candles', 'Kerzen', 'Bougies') },
    products: 30,
    brands: ['Duftholz', 'Blattgold', 'Wachswerk'],
    series: ['Cedar', 'Fig', 'Sea Salt', 'Linden', 'Amber', 'Rain'],
    kinds: [
      {
        noun: text('scented candle', 'Duftkerze', 'bougie parfumée'),
        motif: 'candle',
        fromEur: 16,
        toEur: 44,
      },
      {
        noun: text('beeswax candle', 'Bienenwachskerze', "bougie en cire d'abeille"),
        motif: 'candle',
        fromEur: 9,
        toEur: 24,
      },
    ],
    about: text(
      'Poured by hand from plant wax or beeswax.',
      'Von Hand gegossen aus Pflanzen- oder Bienenwachs.',
      "Coulée à la main en cire végétale ou d'abeille.",
    ),
    facts: { Scent: ['wood', 'fruit', 'herbs', 'none'], Vegan: [true, false] },
    sizes: { attribute: 'Burns (h)', unit: same('h'), values: [25, 45], grows: 0.7 },
    lastsDays: 30,
  },
  {
    category: {
      id: 'gift-boxes',
      parentId: 'living',
      name: text('Gift boxes', 'Geschenkboxen', 'Coffrets cadeaux'),
    },
    products: 10,
    brands: ['Fernblick'],
    series: ['Surprise', 'Wonder', 'Secret', 'Anniversary'],
    kinds: [
      { noun: text('gift box', 'Geschenkbox', 'coffret cadeau'), motif: 'gift', fromEur: 29, toEur: 89 },
      {
        noun: text('surprise parcel', 'Überraschungspaket', 'colis surprise'),
        motif: 'gift',
        fromEur: 19,
        toEur: 59,
      },
    ],
    about: text(
      'Packed so that nobody guesses what is inside.',
      'So verpackt, dass niemand errät, was darin ist.',
      'Emballé pour que personne ne devine.',
    ),
    facts: { 'With card': [true, false] },
    coloured: true,
    speakable: false,
  },
  {
    category: {
      id: 'planters',
      parentId: 'garden',
      name: text('Planters', 'Pflanzgefäße', 'Pots de fleurs'),
    },
    products: 30,
    brands: ['Erdling', 'Beetle & Bloom', 'Formnah'],
    series: ['Terra', 'Balkonia', 'Rim', 'Verde', 'Patio', 'Sprout'],
    kinds: [
      { noun: text('plant pot', 'Blumentopf', 'pot de fleurs'), motif: 'plant', fromEur: 12, toEur: 59 },
      { noun: text('balcony box', 'Balkonkasten', 'jardinière'), motif: 'plant', fromEur: 19, toEur: 69 },
      { noun: text('raised bed', 'Hochbeet', 'potager surélevé'), motif: 'plant', fromEur: 89, toEur: 259 },
    ],
    about: text(
      'Frost-proof, with a hole where it should be.',
      'Frostfest, mit einem Loch, wo es hingehört.',
      'Résiste au gel, avec un trou là où il faut.',
    ),
    facts: { Material: ['terracotta', 'larch', 'fibre stone'], Frostproof: [true, false] },
    coloured: true,
  },
  {
    category: {
      id: 'garden-tools',
      parentId: 'garden',
      name: text('Garden tools', 'Gartenwerkzeug', 'Outils de jardin'),
    },
    products: 32,
    brands: ['Erdling', 'Rankwerk', 'Beetle & Bloom'],
    series: ['Spross', 'Hand', 'Furrow', 'Allotment', 'Root', 'Acre'],
    kinds: [
      { noun: text('pruning shears', 'Gartenschere', 'sécateur'), motif: 'shears', fromEur: 19, toEur: 69 },
      { noun: text('hand trowel', 'Handschaufel', 'transplantoir'), motif: 'spade', fromEur: 9, toEur: 29 },
      { noun: text('watering can', 'Gießkanne', 'arrosoir'), motif: 'can', fromEur: 19, toEur: 59 },
      { noun: text('garden spade', 'Spaten', 'bêche'), motif: 'spade', fromEur: 29, toEur: 89 },
    ],
    about: text(
      'Ash and forged steel, made to be handed down.',
      'Esche und geschmiedeter Stahl, zum Weitervererben.',
      'Frêne et acier forgé, à transmettre.',
    ),
    facts: { Handle: ['ash', 'beech'], 'Weight (g)': [180, 420, 900, 1600] },
    coloured: true,
  },
  {
    category: { id: 'soap', parentId: 'care', name: text('Soap', 'Seife', 'Savon') },
    products: 24,
    brands: ['Duftholz', 'Schaumkrone', 'Lotosgrün'],
    series: ['Alpine', 'Olive', 'Lavender', 'Charcoal', 'Oat', 'Citrus'],
    kinds: [
      { noun: text('hand soap', 'Handseife', 'savon pour les mains'), motif: 'soap', fromEur: 5, toEur: 14 },
      { noun: text('shampoo bar', 'Haarseife', 'shampoing solide'), motif: 'soap', fromEur: 8, toEur: 16 },
    ],
    about: text(
      'Few ingredients, much foam, no plastic.',
      'Wenige Zutaten, viel Schaum, kein Plastik.',
      'Peu d’ingrédients, beaucoup de mousse, sans plastique.',
    ),
    facts: { Vegan: [true, false], Skin: ['dry', 'normal', 'sensitive'] },
    sizes: { attribute: 'Weight (g)', unit: same('g'), grams: true, values: [90, 180], grows: 0.8 },
    lastsDays: 24,
  },
  {
    category: {
      id: 'intimate-care',
      parentId: 'care',
      name: text('Intimate care', 'Intimpflege', 'Soins intimes'),
    },
    products: 12,
    brands: ['Zartgefühl', 'Velvetine'],
    series: ['Pure', 'Gentle', 'Calma', 'Balance'],
    kinds: [
      { noun: text('massage oil', 'Massageöl', 'huile de massage'), motif: 'soap', fromEur: 14, toEur: 39 },
      {
        noun: text('intimate wash lotion', 'Intimwaschlotion', 'gel intime'),
        motif: 'soap',
        fromEur: 8,
        toEur: 16,
      },
    ],
    about: text(
      'Gentle to skin, without perfume.',
      'Sanft zur Haut, ohne Parfum.',
      'Doux pour la peau, sans parfum.',
    ),
    facts: { Vegan: [true, false], Volume: ['100 ml', '200 ml'] },
    speakable: false,
  },
];
