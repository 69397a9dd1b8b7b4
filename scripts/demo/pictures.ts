import type { Colour } from '../../plugins/showcase/pictures/colours.js';
import { pictureSize } from '../../plugins/showcase/pictures/draw.js';
import { type PictureParts, pictureUrl } from '../../plugins/showcase/pictures/picture-name.js';
import type { DemoImage, DemoOption } from './product-input.js';

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

/**
 * The images of a product, which the gateway draws: one, or one for each value of the option for its colours. `second`: the other colour
 * of a product in two colours.
 */
export function imagesOf(
  parts: PictureParts,
  title: string,
  option: DemoOption | undefined,
  second: Colour | undefined,
): DemoImage[] {
  const image = (drawn: PictureParts): DemoImage => ({ url: pictureUrl(drawn), alt: title, ...pictureSize });
  if (!option || !second) return [image(parts)];
  return [parts, { ...parts, second }].map((drawn, at) => ({
    ...image(drawn),
    option: { name: option.name, value: option.values[at]! },
  }));
}
