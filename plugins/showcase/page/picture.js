import { drawing } from './dom.js';
import { motifs } from './motifs.js';

/**
 * Which drawing a thing gets: the first that its category's id, or else its title, speaks of.
 *
 * @type {readonly (readonly [RegExp, string])[]}
 */
const subjects = [
  [/coffee-bean|roast/, 'beans'],
  [/grinder|mill/, 'grinder'],
  [/espresso-machine/, 'machine'],
  [/coffee-maker|press|carafe/, 'press'],
  [/accessor|mug|cup/, 'cup'],
  [/\btea\b/, 'tea'],
  [/cookware|\bpans?\b|kettle/, 'pan'],
  [/kni(fe|ves)/, 'knife'],
  [/headphone|headset/, 'headphones'],
  [/speaker|soundbar/, 'speaker'],
  [/turntable|record/, 'turntable'],
  [/bedding|pillow|linen/, 'bedding'],
  [/camp-light|lantern|torch/, 'lantern'],
  [/lamp|light/, 'lamp'],
  [/candle/, 'candle'],
  [/plant|herb/, 'plant'],
  [/garden/, 'can'],
  [/gift/, 'gift'],
  [/soap|care|beauty|shampoo/, 'soap'],
  [/tent/, 'tent'],
  [/sleeping|yoga|\bmats?\b|rope/, 'roll'],
  [/camp-kitchen|stove/, 'stove'],
  [/backpack|luggage|\bbags?\b/, 'backpack'],
  [/bottle|wine|drink/, 'bottle'],
  [/shoe|boot|footwear/, 'shoe'],
  [/clothing|shirt|apparel|dress/, 'shirt'],
  [/watch/, 'watch'],
  [/bean|coffee/, 'beans'],
  [/camping/, 'tent'],
  [/audio/, 'headphones'],
];

/** How many colour schemes the style sheet has (`.scheme-0` …). */
const schemes = 8;

/**
 * A picture of a product, drawn from its category and id: the same product looks the same everywhere.
 *
 * @param {import('./types.d.ts').Product} product
 */
export function pictureOf(product) {
  const words = [...product.categories.map(({ id }) => id), product.title].map((text) => text.toLowerCase());
  let name = 'parcel';
  for (const word of words) {
    const subject = subjects.find(([pattern]) => pattern.test(word));
    if (!subject) continue;
    name = subject[1];
    break;
  }
  const hash = hashOf(product.id);
  const turn = (hash % 7) * 3 - 9;
  return drawing(
    'svg',
    {
      viewBox: '0 0 120 90',
      class: `picture scheme-${hash % schemes}`,
      'aria-hidden': 'true',
      focusable: 'false',
    },
    drawing('rect', { class: 'ground', width: 120, height: 90 }),
    drawing('circle', { class: 'halo', cx: 60 + turn, cy: 40 - turn / 2, r: 30 + (hash % 5) * 2 }),
    drawing('ellipse', { class: 'shadow', cx: 60, cy: 76, rx: 40, ry: 3.5 }),
    ...(motifs[name] ?? []).map(([tone, path]) => drawing('path', { class: tone, d: path })),
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
