import { type Line, text } from './line.js';

/** Headphones, speakers and records. */
export const audioLines: readonly Line[] = [
  {
    category: { id: 'headphones', parentId: 'audio', name: text('Headphones', 'Kopfhörer', 'Casques audio') },
    products: 46,
    brands: ['Klangraum', 'Sonorelle', 'Tieftal', 'Audrille'],
    series: [
      'Aria',
      'Stille',
      'Echo',
      'Nocturne',
      'Forte',
      'Opus',
      'Vale',
      'Murmur',
      'Solo',
      'Prisma',
      'Piano',
      'Air',
    ],
    kinds: [
      {
        noun: text('over-ear headphones', 'Over-Ear-Kopfhörer', 'casque circum-aural'),
        motif: 'headphones',
        fromEur: 89,
        toEur: 399,
      },
      {
        noun: text('wireless in-ear headphones', 'kabellose In-Ear-Kopfhörer', 'écouteurs sans fil'),
        motif: 'earbuds',
        fromEur: 49,
        toEur: 249,
      },
      {
        noun: text('sports headphones', 'Sportkopfhörer', 'casque de sport'),
        motif: 'headphones',
        fromEur: 39,
        toEur: 149,
      },
    ],
    about: text(
      'Detailed sound that does not tire, even on long days.',
      'Detailreicher Klang, der auch an langen Tagen nicht ermüdet.',
      'Un son précis qui ne fatigue pas, même les longues journées.',
    ),
    facts: { 'Noise cancelling': [true, false], 'Battery (h)': [8, 24, 40], Bluetooth: ['5.2', '5.3'] },
    coloured: true,
  },
  {
    category: { id: 'speakers', parentId: 'audio', name: text('Speakers', 'Lautsprecher', 'Enceintes') },
    products: 36,
    brands: ['Klangraum', 'Tieftal', 'Sonorelle'],
    series: ['Kubus', 'Salon', 'Boom', 'Tower', 'Pebble', 'Monolith', 'Hall', 'Corner', 'Duo'],
    kinds: [
      {
        noun: text('bluetooth speaker', 'Bluetooth-Lautsprecher', 'enceinte bluetooth'),
        motif: 'speaker',
        fromEur: 49,
        toEur: 249,
      },
      {
        noun: text('bookshelf speakers', 'Regallautsprecher', 'enceintes de bibliothèque'),
        motif: 'speaker',
        fromEur: 179,
        toEur: 799,
      },
      { noun: text('soundbar', 'Soundbar', 'barre de son'), motif: 'soundbar', fromEur: 149, toEur: 599 },
    ],
    about: text(
      'Fills the room without shouting.',
      'Füllt den Raum, ohne laut zu werden.',
      'Remplit la pièce sans crier.',
    ),
    facts: { 'Power (W)': [10, 30, 80, 150], Waterproof: [true, false], Wireless: [true, false] },
    coloured: true,
  },
  {
    category: {
      id: 'turntables',
      parentId: 'audio',
      name: text('Turntables', 'Plattenspieler', 'Platines vinyle'),
    },
    products: 28,
    brands: ['Rillenfein', 'Klangraum', 'Audrille'],
    series: [
      'Thirty-Three',
      'Spin',
      'Rondo',
      'Needle',
      'Groove',
      'Platte',
      'Sapphire',
      'Encore',
      'Long Play',
    ],
    kinds: [
      {
        noun: text('turntable', 'Plattenspieler', 'platine vinyle'),
        motif: 'turntable',
        fromEur: 189,
        toEur: 890,
      },
      {
        noun: text('phono cartridge', 'Tonabnehmer', 'cellule phono'),
        motif: 'turntable',
        fromEur: 39,
        toEur: 249,
      },
      {
        noun: text('record cleaning kit', 'Schallplatten-Reinigungsset', 'kit de nettoyage pour vinyles'),
        motif: 'turntable',
        fromEur: 19,
        toEur: 59,
      },
      {
        noun: text('phono preamplifier', 'Phono-Vorverstärker', 'préamplificateur phono'),
        motif: 'turntable',
        fromEur: 79,
        toEur: 349,
      },
    ],
    about: text(
      'For records that deserve to be heard.',
      'Für Platten, die gehört werden wollen.',
      "Pour les disques qui méritent d'être écoutés.",
    ),
    facts: { Drive: ['belt', 'direct'], Speeds: ['33/45', '33/45/78'], Colour: ['black', 'walnut', 'white'] },
  },
];
