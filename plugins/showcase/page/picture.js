import { element } from './dom.js';

/**
 * The motif of a product whose image the page cannot show: that of the first kind that its category's id, or else its title, speaks of.
 *
 * @type {readonly (readonly [kind: RegExp, motif: string])[]}
 */
const kinds = [
  [/coffee-bean/, 'beans'],
  [/grinder|mill/, 'grinder'],
  [/espresso-machine/, 'machine'],
  [/coffee-maker/, 'press'],
  [/accessor/, 'cup'],
  [/\btea\b/, 'tea'],
  [/cookware|\bpans?\b/, 'pan'],
  [/kni(fe|ves)/, 'knife'],
  [/headphone|headset/, 'headphones'],
  [/speaker/, 'speaker'],
  [/turntable|record/, 'turntable'],
  [/bedding|linen/, 'bedding'],
  [/camp-light|lantern|torch/, 'lantern'],
  [/lamp|light/, 'lamp'],
  [/candle/, 'candle'],
  [/plant|herb/, 'plant'],
  [/garden/, 'can'],
  [/gift/, 'gift'],
  [/soap|care|beauty|shampoo/, 'soap'],
  [/tent/, 'tent'],
  [/camp-kitchen|stove/, 'stove'],
  [/sleeping|yoga|\bmats?\b|rope/, 'roll'],
  [/backpack|luggage|\bbags?\b/, 'backpack'],
  [/bottle|wine|drink/, 'bottle'],
  [/shoe|boot|footwear/, 'shoe'],
  [/jacket|coat/, 'jacket'],
  [/clothing|shirt|apparel|dress/, 'shirt'],
  [/watch/, 'watch'],
  [/mug|cup/, 'cup'],
  [/press|kettle/, 'jug'],
  [/bean|coffee/, 'beans'],
  [/camping/, 'tent'],
  [/audio/, 'headphones'],
];

const colours = ['terracotta', 'sage', 'ocean', 'mustard', 'plum', 'slate', 'brick', 'teal'];

/**
 * The address of a picture of a product on this origin: its own image, or a drawing that follows from its category and id where that
 * image is missing or on another origin, to which the page sends no requests.
 *
 * @param {import('./types.d.ts').Product} product
 */
export function pictureAddressOf({ id, title, categories, image }) {
  const own = image && URL.canParse(image.url, location.href) ? new URL(image.url, location.href) : null;
  if (own?.origin === location.origin) return own.href;
  const words = [...categories.map((category) => category.id), title].map((word) => word.toLowerCase());
  const motif = words
    .map((word) => kinds.find(([pattern]) => pattern.test(word))?.[1])
    .find((found) => found !== undefined);
  return `/showcase/pictures/${motif ?? 'parcel'}-${colours[hashOf(id) % colours.length]}.svg`;
}

/**
 * A picture beside the title of its product, so it has no text of its own.
 *
 * @param {string} address
 */
export function pictureAt(address) {
  return element('img', { class: 'picture', src: address, alt: '', width: 960, height: 720 });
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
