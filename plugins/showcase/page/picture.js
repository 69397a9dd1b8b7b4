import { drawing } from './dom.js';
import { motifs } from './motifs.js';

/**
 * Which drawing a thing gets: of the first kind that its category's id, or else its title, speaks of, and within the
 * kind by its title, in the demo shop's languages.
 *
 * @type {readonly (readonly [kind: RegExp, motif: string, finer?: readonly (readonly [RegExp, string])[]])[]}
 */
const kinds = [
  [/coffee-bean/, 'beans'],
  [/grinder|mill/, 'grinder'],
  [/espresso-machine/, 'machine'],
  [
    /coffee-maker/,
    'press',
    [
      [/pour-over|handfilter|filtre manuelle/, 'dripper'],
      [/stovetop|espressokocher|italienne/, 'moka'],
      [/drip |filterkaffeemaschine|électrique/, 'machine'],
    ],
  ],
  [
    /accessor/,
    'cup',
    [
      [/scale|waage|balance/, 'scale'],
      [/jug|kännchen|pot à lait/, 'jug'],
      [/tamper|tasseur/, 'tamper'],
      [/paper|papier/, 'dripper'],
    ],
  ],
  [/\btea\b/, 'tea'],
  [
    /cookware|\bpans?\b/,
    'pan',
    [
      [/saucepan|stieltopf|casserole(?=,)/, 'saucepan'],
      [/casserole|bräter|cocotte/, 'pot'],
    ],
  ],
  [/kni(fe|ves)/, 'knife'],
  [/headphone|headset/, 'headphones', [[/in-ear|écouteurs/, 'earbuds']]],
  [/speaker/, 'speaker', [[/soundbar|barre de son/, 'soundbar']]],
  [/turntable|record/, 'turntable'],
  [/bedding|linen/, 'bedding'],
  [/camp-light|lantern|torch/, 'lantern', [[/torch|stirnlampe|taschenlampe|frontale/, 'torch']]],
  [/lamp|light/, 'lamp', [[/pendant|pendel|suspension/, 'pendant']]],
  [/candle/, 'candle'],
  [/plant|herb/, 'plant'],
  [
    /garden/,
    'can',
    [
      [/shears|schere|sécateur/, 'shears'],
      [/spade|trowel|spaten|schaufel|bêche|transplantoir/, 'spade'],
    ],
  ],
  [/gift/, 'gift'],
  [/soap|care|beauty|shampoo/, 'soap'],
  [
    /tent/,
    'tent',
    [
      [/dome|kuppel|dôme/, 'dome'],
      [/tunnel/, 'tunnel'],
    ],
  ],
  [/camp-kitchen|stove/, 'stove', [[/mug|becher|gobelet/, 'cup']]],
  [/sleeping|yoga|\bmats?\b|rope/, 'roll', [[/cushion|kissen|coussin/, 'cushion']]],
  [/backpack|luggage|\bbags?\b/, 'backpack'],
  [/bottle|wine|drink/, 'bottle'],
  [/shoe|boot|footwear/, 'shoe'],
  [/clothing|shirt|apparel|dress/, 'shirt', [[/short(?!-)|hose/, 'shorts']]],
  [/watch/, 'watch'],
  [/mug|cup/, 'cup'],
  [/press|kettle/, 'jug'],
  [/bean|coffee/, 'beans'],
  [/camping/, 'tent'],
  [/audio/, 'headphones'],
];

/** The style sheet's schemes for things whose title names a colour, and how many there are for all others. */
const colours = /** @type {readonly (readonly [RegExp, string])[]} */ ([
  [/\b(black|schwarz|noir)\b/, 'black'],
  [/\b(white|weiß|blanc)(?!\w)/, 'white'],
  [/\b(sage|salbei)|sauge\b/, '1'],
  [/\bocean|meerblau|océan/, '2'],
  [/mustard|senfgelb|moutarde/, '3'],
  [/\bsand(farben)?\b|\bsable\b/, 'sand'],
  [/slate|schiefer|ardoise/, '5'],
  [/brick red|ziegelrot|rouge brique/, '6'],
]);
const schemes = 8;

/**
 * A picture of a product, drawn from its category and id: the same product looks the same everywhere.
 *
 * @param {import('./types.d.ts').Product} product
 */
export function pictureOf(product) {
  const title = product.title.toLowerCase();
  const words = [...product.categories.map(({ id }) => id.toLowerCase()), title];
  const kind = words
    .map((word) => kinds.find(([pattern]) => pattern.test(word)))
    .find((found) => found !== undefined);
  const motif = kind?.[2]?.find(([pattern]) => pattern.test(title))?.[1] ?? kind?.[1] ?? 'parcel';
  const colour = colours.find(([pattern]) => pattern.test(title))?.[1];
  const hash = hashOf(product.id);
  const turn = (hash % 7) * 3 - 9;
  return drawing(
    'svg',
    {
      viewBox: '0 0 120 90',
      preserveAspectRatio: 'xMidYMid slice',
      class: `picture scheme-${colour ?? hash % schemes}`,
      'aria-hidden': 'true',
      focusable: 'false',
    },
    drawing('rect', { class: 'ground', width: 120, height: 90 }),
    drawing('circle', { class: 'halo', cx: 60 + turn, cy: 40 - turn / 2, r: 30 + (hash % 5) * 2 }),
    drawing('ellipse', { class: 'shadow', cx: 60, cy: 76, rx: 40, ry: 3.5 }),
    ...(motifs[motif] ?? []).map(([tone, path]) => drawing('path', { class: tone, d: path })),
  );
}

/**
 * FNV-1a.
 *
 * @param {string} text
 */
function hashOf(text) {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
