import { type Colour, colours } from './colours.js';
import { type Motif, motifs } from './motifs.js';

/** The parts that a picture is drawn from. */
export interface PictureParts {
  readonly motif: Motif;
  readonly colour: Colour;
  /** The colour of its shaded parts, for a thing in two colours. */
  readonly second?: Colour;
  /** Letters in the corner: one or two of A to Z and 0 to 9. */
  readonly initials?: string;
}

const folder = '/showcase/pictures/';
const pattern = /^([a-z]+)-([a-z]+)(?:-([a-z]+))?(?:-([A-Z0-9]{1,2}))?\.svg$/;

/** The address of a picture, from the root of the gateway's origin: `/showcase/pictures/shirt-ocean-sand-VB.svg`. */
export function pictureUrl({ motif, colour, second, initials }: PictureParts): string {
  const parts = [motif, colour, ...(second ? [second] : []), ...(initials ? [initials] : [])];
  return `${folder}${parts.join('-')}.svg`;
}

/** The parts that the name of a picture's file gives; null for a name that no picture has. */
export function readPictureName(name: string): PictureParts | null {
  const [, motif = '', colour = '', second, initials] = pattern.exec(name) ?? [];
  if (!isMotif(motif) || !isColour(colour)) return null;
  if (second !== undefined && !isColour(second)) return null;
  return { motif, colour, ...(second && { second }), ...(initials && { initials }) };
}

function isMotif(name: string): name is Motif {
  return Object.hasOwn(motifs, name);
}

function isColour(name: string): name is Colour {
  return Object.hasOwn(colours, name);
}
