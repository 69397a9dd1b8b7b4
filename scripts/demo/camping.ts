import { type Line, same, text } from './line.js';

const litres = (values: readonly number[]) => ({
  attribute: 'Volume (l)',
  unit: same('l'),
  values,
  grows: 0.6,
});

/** Camping and hiking. */
export const campingLines: readonly Line[] = [
  {
    category: { id: 'tents', parentId: 'camping', name: text('Tents', 'Zelte', 'Tentes') },
    products: 40,
    brands: ['Fjordlund', 'Nordgrat', 'Wildmoor', 'Tarnhollow'],
    series: [
      'Skarv',
      'Bivak',
      'Lee',
      'Fjell',
      'Hedda',
      'Ridge',
      'Moss',
      'Tarn',
      'Aurora',
      'Drift',
      'Cairn',
      'Loch',
    ],
    kinds: [
      { noun: text('dome tent', 'Kuppelzelt', 'tente dôme'), motif: 'dome', fromEur: 119, toEur: 389 },
      { noun: text('tunnel tent', 'Tunnelzelt', 'tente tunnel'), motif: 'tunnel', fromEur: 189, toEur: 549 },
      {
        noun: text('ultralight tent', 'Ultraleichtzelt', 'tente ultralégère'),
        motif: 'tent',
        fromEur: 249,
        toEur: 599,
      },
    ],
    about: text(
      'Pitched in minutes and dry when it pours.',
      'In Minuten aufgebaut und trocken, wenn es gießt.',
      "Montée en quelques minutes et au sec sous l'averse.",
    ),
    facts: { Seasons: [3, 4], 'Water column (mm)': [2000, 3000, 5000], 'Weight (kg)': [1.3, 2.1, 2.9, 4.2] },
    sizes: {
      attribute: 'Persons',
      unit: text('persons', 'Personen', 'personnes'),
      values: [2, 3, 4],
      grows: 0.35,
    },
  },
  {
    category: {
      id: 'sleeping-bags',
      parentId: 'camping',
      name: text('Sleeping bags', 'Schlafsäcke', 'Sacs de couchage'),
    },
    products: 40,
    brands: ['Fjordlund', 'Nordgrat', 'Daunenglück'],
    series: ['Kokon', 'Polar', 'Sommernacht', 'Vidda', 'Eider', 'Lumi', 'Harfang', 'Nest', 'Hush'],
    kinds: [
      {
        noun: text('down sleeping bag', 'Daunenschlafsack', 'sac de couchage en duvet'),
        motif: 'roll',
        fromEur: 179,
        toEur: 499,
      },
      {
        noun: text('synthetic sleeping bag', 'Kunstfaserschlafsack', 'sac de couchage synthétique'),
        motif: 'roll',
        fromEur: 59,
        toEur: 199,
      },
      {
        noun: text('sleeping mat', 'Isomatte', 'matelas de camping'),
        motif: 'roll',
        fromEur: 29,
        toEur: 169,
      },
    ],
    about: text(
      'Warm where it must be, light where it can be.',
      'Warm, wo es sein muss, leicht, wo es geht.',
      'Chaud là où il faut, léger là où on peut.',
    ),
    facts: { 'Comfort (°C)': [-12, -5, 0, 7, 12], 'Weight (kg)': [0.6, 0.9, 1.4], Zip: ['left', 'right'] },
    coloured: true,
  },
  {
    category: {
      id: 'camp-kitchen',
      parentId: 'camping',
      name: text('Camp kitchen', 'Campingküche', 'Cuisine de camping'),
    },
    products: 40,
    brands: ['Nordgrat', 'Glutnest', 'Wildmoor'],
    series: ['Funke', 'Pico', 'Ember', 'Trek', 'Kessel', 'Blaze', 'Vagabond', 'Camp', 'Ration'],
    kinds: [
      {
        noun: text('gas camping stove', 'Gaskocher', 'réchaud à gaz'),
        motif: 'stove',
        fromEur: 29,
        toEur: 129,
      },
      {
        noun: text('camping cookset', 'Campinggeschirr-Set', 'popote de camping'),
        motif: 'stove',
        fromEur: 34,
        toEur: 99,
      },
      {
        noun: text('camping mug', 'Campingbecher', 'gobelet de camping'),
        motif: 'cup',
        fromEur: 9,
        toEur: 24,
      },
      { noun: text('cutlery set', 'Besteck-Set', 'jeu de couverts'), motif: 'stove', fromEur: 9, toEur: 29 },
    ],
    about: text(
      'Packs small, cooks fast, lasts for years of trips.',
      'Klein verpackt, schnell am Kochen, für viele Touren.',
      'Compact, rapide et fait pour des années de sorties.',
    ),
    facts: {
      Material: ['titanium', 'aluminium', 'steel'],
      'Weight (g)': [85, 160, 420],
      'For persons': [1, 2, 4],
    },
  },
  {
    category: {
      id: 'camp-lights',
      parentId: 'camping',
      name: text('Torches and lanterns', 'Taschenlampen und Laternen', 'Lampes torches et lanternes'),
    },
    products: 34,
    brands: ['Lumenfuchs', 'Nordgrat', 'Tarnhollow'],
    series: ['Glim', 'Beam', 'Polaris', 'Wisp', 'Nova', 'Owl', 'Halo', 'Spark', 'Firefly'],
    kinds: [
      { noun: text('head torch', 'Stirnlampe', 'lampe frontale'), motif: 'torch', fromEur: 19, toEur: 89 },
      {
        noun: text('camping lantern', 'Campinglaterne', 'lanterne de camping'),
        motif: 'lantern',
        fromEur: 24,
        toEur: 79,
      },
      { noun: text('hand torch', 'Taschenlampe', 'lampe torche'), motif: 'torch', fromEur: 14, toEur: 69 },
    ],
    about: text(
      'A clear beam that reaches far and charges by USB.',
      'Ein klarer, weiter Lichtkegel; wird über USB geladen.',
      'Un faisceau net qui porte loin ; se recharge par USB.',
    ),
    facts: {
      'Brightness (lm)': [200, 350, 600, 1000],
      Waterproof: [true, false],
      'Runtime (h)': [8, 20, 60],
    },
  },
  {
    category: { id: 'backpacks', parentId: 'hiking', name: text('Backpacks', 'Rucksäcke', 'Sacs à dos') },
    products: 44,
    brands: ['Fjordlund', 'Wildmoor', 'Kestrelpeak', 'Tarnhollow'],
    series: ['Hytte', 'Pass', 'Grat', 'Rover', 'Alm', 'Traverse', 'Kite', 'Summit', 'Brook', 'Weekend'],
    kinds: [
      {
        noun: text('trekking backpack', 'Trekkingrucksack', 'sac à dos de trekking'),
        motif: 'backpack',
        fromEur: 119,
        toEur: 259,
      },
      {
        noun: text('daypack', 'Tagesrucksack', 'sac à dos de randonnée'),
        motif: 'backpack',
        fromEur: 49,
        toEur: 129,
      },
    ],
    about: text(
      'Carries close to the back and keeps everything at hand.',
      'Sitzt nah am Rücken und hält alles griffbereit.',
      'Près du dos, avec tout à portée de main.',
    ),
    facts: {
      'Rain cover': [true, false],
      'Weight (kg)': [0.6, 1.1, 1.7],
      Material: ['recycled nylon', 'polyester'],
    },
    sizes: litres([18, 30, 48, 65]),
    coloured: true,
  },
  {
    category: {
      id: 'water-bottles',
      parentId: 'hiking',
      name: text('Water bottles', 'Trinkflaschen', 'Gourdes'),
    },
    products: 36,
    brands: ['Quellbach', 'Kestrelpeak', 'Nordgrat'],
    series: ['Rill', 'Torrent', 'Spring', 'Isar', 'Brook', 'Delta'],
    kinds: [
      {
        noun: text('insulated bottle', 'Isolierflasche', 'bouteille isotherme'),
        motif: 'bottle',
        fromEur: 22,
        toEur: 42,
      },
      {
        noun: text('steel bottle', 'Edelstahlflasche', 'gourde en acier'),
        motif: 'bottle',
        fromEur: 14,
        toEur: 29,
      },
    ],
    about: text(
      'Does not leak, does not taste, does not break.',
      'Läuft nicht aus, schmeckt nach nichts, geht nicht kaputt.',
      'Ne fuit pas, ne donne pas de goût, ne casse pas.',
    ),
    facts: { 'Keeps warm (h)': [0, 8, 12, 24], 'BPA free': [true], 'Dishwasher safe': [true, false] },
    sizes: litres([0.5, 0.75, 1]),
    coloured: true,
  },
];
