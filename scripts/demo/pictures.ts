import type { Colour } from '../../plugins/showcase/pictures/colours.js';
import { pictureSize } from '../../plugins/showcase/pictures/draw.js';
import { type PictureParts, pictureUrl } from '../../plugins/showcase/pictures/picture-name.js';

/** `MediaInput` of the schema. */
export interface DemoImage {
  readonly url: string;
  readonly alt: string;
  readonly width: number;
  readonly height: number;
}

/** The colours of drawings of things that have no colour of their own, one after the other. */
const drawnIn: readonly Colour[] = [
  'terracotta',
  'sage',
  'ocean',
  'mustard',
  'plum',
  'slate',
  'brick',
  'teal',
];

/** The colour that the product of this number in its line is drawn in, if it has none of its own. */
export function colourOf(number: number): Colour {
  return drawnIn[number % drawnIn.length]!;
}

/** The image of a product or variant in the demo shop, which the gateway draws. */
export function imageOf(parts: PictureParts, alt: string): DemoImage {
  return { url: pictureUrl(parts), alt, ...pictureSize };
}
