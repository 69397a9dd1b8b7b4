import { type Line, same, text } from './line.js';

const litres = (values: readonly number[]) => ({
  attribute: 'Volume (l)',
  unit: same('l'),
  values,
  grows: 0.6,
});
const shoeSizes = { name: 'Size', values: ['37', '38', '39', '40', '41', '42', '43', '44', '45'] };
const clothingSizes = { name: 'Size', values: ['XS', 'S', 'M', 'L', 'XL'] };

/** Camping, hiking and running. */
export const outdoorLines: readonly Line[] = [
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
      { noun: text('dome tent', 'Kuppelzelt', 'tente dôme'), fromEur: 119, toEur: 389 },
      { noun: text('tunnel tent', 'Tunnelzelt', 'tente tunnel'), fromEur: 189, toEur: 549 },
      { noun: text('ultralight tent', 'Ultraleichtzelt', 'tente ultralégère'), fromEur: 249, toEur: 599 },
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
        fromEur: 179,
        toEur: 499,
      },
      {
        noun: text('synthetic sleeping bag', 'Kunstfaserschlafsack', 'sac de couchage synthétique'),
        fromEur: 59,
        toEur: 199,
      },
      { noun: text('sleeping mat', 'Isomatte', 'matelas de camping'), fromEur: 29, toEur: 169 },
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
      { noun: text('gas camping stove', 'Gaskocher', 'réchaud à gaz'), fromEur: 29, toEur: 129 },
      { noun: text('camping cookset', 'Campinggeschirr-Set', 'popote de camping'), fromEur: 34, toEur: 99 },
      { noun: text('camping mug', 'Campingbecher', 'gobelet de camping'), fromEur: 9, toEur: 24 },
      { noun: text('cutlery set', 'Besteck-Set', 'jeu de couverts'), fromEur: 9, toEur: 29 },
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
      { noun: text('head torch', 'Stirnlampe', 'lampe frontale'), fromEur: 19, toEur: 89 },
      { noun: text('camping lantern', 'Campinglaterne', 'lanterne de camping'), fromEur: 24, toEur: 79 },
      { noun: text('hand torch', 'Taschenlampe', 'lampe torche'), fromEur: 14, toEur: 69 },
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
        fromEur: 119,
        toEur: 259,
      },
      { noun: text('daypack', 'Tagesrucksack', 'sac à dos de randonnée'), fromEur: 49, toEur: 129 },
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
      { noun: text('insulated bottle', 'Isolierflasche', 'bouteille isotherme'), fromEur: 22, toEur: 42 },
      { noun: text('steel bottle', 'Edelstahlflasche', 'gourde en acier'), fromEur: 14, toEur: 29 },
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
  {
    category: {
      id: 'running-shoes',
      parentId: 'running',
      name: text('Running shoes', 'Laufschuhe', 'Chaussures de course'),
    },
    products: 56,
    brands: ['Velorun', 'Pacewell', 'Swiftheel', 'Laufwind'],
    series: [
      'Tempo',
      'Glide',
      'Strato',
      'Pulse',
      'Cirrus',
      'Rebound',
      'Kilometre',
      'Dash',
      'Featherstep',
      'Marathonia',
      'Cadence',
      'Levanter',
    ],
    kinds: [
      {
        noun: text('road running shoes', 'Straßenlaufschuhe', 'chaussures de course sur route'),
        fromEur: 89,
        toEur: 179,
      },
      {
        noun: text('trail running shoes', 'Trailrunningschuhe', 'chaussures de trail'),
        fromEur: 99,
        toEur: 189,
      },
      {
        noun: text('racing shoes', 'Wettkampfschuhe', 'chaussures de compétition'),
        fromEur: 139,
        toEur: 249,
      },
    ],
    about: text(
      'A springy midsole and an upper that breathes, for every pace.',
      'Federnde Sohle und atmungsaktives Obermaterial, für jedes Tempo.',
      'Semelle dynamique et tige respirante, à toutes les allures.',
    ),
    facts: {
      Cushioning: ['firm', 'medium', 'soft'],
      'Drop (mm)': [0, 4, 8, 10],
      Surface: ['road', 'trail', 'track'],
      Vegan: [true, false],
    },
    coloured: true,
    option: shoeSizes,
  },
  {
    category: {
      id: 'running-clothing',
      parentId: 'running',
      name: text('Running clothing', 'Laufbekleidung', 'Vêtements de course'),
    },
    products: 52,
    brands: ['Velorun', 'Pacewell', 'Laufwind'],
    series: [
      'Breeze',
      'Shade',
      'Interval',
      'Dawn',
      'Windstill',
      'Fartlek',
      'Zephyr',
      'Second Skin',
      'Recover',
    ],
    kinds: [
      { noun: text('running shirt', 'Laufshirt', 't-shirt de course'), fromEur: 29, toEur: 69 },
      { noun: text('running shorts', 'Laufshorts', 'short de course'), fromEur: 34, toEur: 74 },
      { noun: text('running jacket', 'Laufjacke', 'veste de course'), fromEur: 69, toEur: 169 },
      { noun: text('running socks', 'Laufsocken', 'chaussettes de course'), fromEur: 11, toEur: 24 },
    ],
    about: text(
      'Dries fast, does not rub, and shines in the dark.',
      'Trocknet schnell, scheuert nicht und leuchtet im Dunkeln.',
      'Sèche vite, ne frotte pas et se voit la nuit.',
    ),
    facts: {
      Material: ['merino wool', 'recycled polyester'],
      Reflective: [true, false],
      Season: ['summer', 'winter', 'all year'],
    },
    coloured: true,
    option: clothingSizes,
  },
  {
    category: {
      id: 'sports-watches',
      parentId: 'running',
      name: text('Sports watches', 'Sportuhren', 'Montres de sport'),
    },
    products: 30,
    brands: ['Taktgeber', 'Pacewell', 'Orbitum'],
    series: ['Lap', 'Chrono', 'Meridian', 'Stride', 'Azimut', 'Split', 'One', 'Solaris', 'Track'],
    kinds: [
      { noun: text('GPS running watch', 'GPS-Laufuhr', 'montre GPS de course'), fromEur: 149, toEur: 549 },
      { noun: text('heart rate belt', 'Herzfrequenzgurt', 'ceinture cardiaque'), fromEur: 49, toEur: 99 },
    ],
    about: text(
      'Finds its satellites at once and lasts for the whole race.',
      'Findet sofort Satelliten und hält ein ganzes Rennen durch.',
      'Capte aussitôt les satellites et tient toute la course.',
    ),
    facts: { 'Battery (h)': [18, 30, 60], Waterproof: [true], Maps: [true, false] },
    coloured: true,
  },
  {
    category: { id: 'yoga', parentId: 'sport', name: text('Yoga', 'Yoga', 'Yoga') },
    products: 30,
    brands: ['Stillpunkt', 'Lotosgrün', 'Pacewell'],
    series: ['Asana', 'Calm', 'Ground', 'Sun', 'Flow', 'Root'],
    kinds: [
      { noun: text('yoga mat', 'Yogamatte', 'tapis de yoga'), fromEur: 29, toEur: 99 },
      { noun: text('yoga block', 'Yogablock', 'brique de yoga'), fromEur: 11, toEur: 24 },
      {
        noun: text('meditation cushion', 'Meditationskissen', 'coussin de méditation'),
        fromEur: 34,
        toEur: 79,
      },
    ],
    about: text(
      'Grips when it gets warm and rolls up small.',
      'Haftet, wenn es warm wird, und rollt sich klein.',
      "Adhère quand on s'échauffe et se roule serré.",
    ),
    facts: { Material: ['natural rubber', 'cork', 'organic cotton'], 'Thickness (mm)': [3, 4, 6] },
    coloured: true,
  },
];
