import { type Line, same, text } from './line.js';

const size = text('Size', 'Größe', 'Taille');
const shoeSizes = {
  name: size,
  values: ['37', '38', '39', '40', '41', '42', '43', '44', '45'].map(same),
};
const clothingSizes = { name: size, values: ['XS', 'S', 'M', 'L', 'XL'].map(same) };
/** Began three days ago. */
const runningSale = { fromDay: -3, untilDay: 11 };

/** Running and yoga. */
export const sportLines: readonly Line[] = [
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
        motif: 'shoe',
        fromEur: 89,
        toEur: 179,
      },
      {
        noun: text('trail running shoes', 'Trailrunningschuhe', 'chaussures de trail'),
        motif: 'shoe',
        fromEur: 99,
        toEur: 189,
      },
      {
        noun: text('racing shoes', 'Wettkampfschuhe', 'chaussures de compétition'),
        motif: 'shoe',
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
    twoColoured: true,
    sale: runningSale,
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
      {
        noun: text('running shirt', 'Laufshirt', 't-shirt de course'),
        motif: 'shirt',
        fromEur: 29,
        toEur: 69,
      },
      {
        noun: text('running shorts', 'Laufshorts', 'short de course'),
        motif: 'shorts',
        fromEur: 34,
        toEur: 74,
      },
      {
        noun: text('running jacket', 'Laufjacke', 'veste de course'),
        motif: 'jacket',
        fromEur: 69,
        toEur: 169,
      },
      {
        noun: text('running socks', 'Laufsocken', 'chaussettes de course'),
        motif: 'socks',
        fromEur: 11,
        toEur: 24,
      },
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
    twoColoured: true,
    sale: runningSale,
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
      {
        noun: text('GPS running watch', 'GPS-Laufuhr', 'montre GPS de course'),
        motif: 'watch',
        fromEur: 149,
        toEur: 549,
      },
      {
        noun: text('heart rate belt', 'Herzfrequenzgurt', 'ceinture cardiaque'),
        motif: 'watch',
        fromEur: 49,
        toEur: 99,
      },
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
      { noun: text('yoga mat', 'Yogamatte', 'tapis de yoga'), motif: 'roll', fromEur: 29, toEur: 99 },
      { noun: text('yoga block', 'Yogablock', 'brique de yoga'), motif: 'roll', fromEur: 11, toEur: 24 },
      {
        noun: text('meditation cushion', 'Meditationskissen', 'coussin de méditation'),
        motif: 'cushion',
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
