import type { Colour } from '../../plugins/showcase/pictures/colours.js';
import type { Motif } from '../../plugins/showcase/pictures/motifs.js';

/** A text in the demo shop's languages. */
export interface Text {
  readonly en: string;
  readonly de: string;
  readonly fr: string;
}

export function text(en: string, de: string, fr: string): Text {
  return { en, de, fr };
}

/** The same in every language. */
export function same(word: string): Text {
  return { en: word, de: word, fr: word };
}

export interface Category {
  readonly id: string;
  readonly parentId: string | null;
  readonly name: Text;
}

/** Something a line has: its name, how it is drawn, and what it costs in EUR, cheapest to dearest. */
export interface Kind {
  readonly noun: Text;
  readonly motif: Motif;
  readonly fromEur: number;
  readonly toEur: number;
}

/** Something that the variants of a product differ in. */
export interface OptionValues {
  readonly name: Text;
  readonly values: readonly Text[];
}

/** A product line: a category at the leaf of the tree and all that its products are made of. */
export interface Line {
  readonly category: Category;
  readonly products: number;
  readonly brands: readonly string[];
  /** Shared out among the brands. */
  readonly series: readonly string[];
  readonly kinds: readonly Kind[];
  readonly about: Text;
  /** Attributes, and the values of which each product has one. */
  readonly facts: Readonly<Record<string, readonly (string | number | boolean)[]>>;
  /** Comes in several sizes, each a product; prices grow with size to the power of `grows`. */
  readonly sizes?: {
    readonly attribute: string;
    readonly unit: Text;
    /** The size is the amount in the package, in grams. */
    readonly grams?: boolean;
    readonly values: readonly number[];
    readonly grows: number;
  };
  readonly coloured?: boolean;
  /** Comes as variants of each product. */
  readonly option?: OptionValues & {
    /** The price of each value beside that of the first. If omitted, all cost the same. */
    readonly factors?: readonly number[];
  };
  /** Each coloured product comes in its colour, and in two colours. */
  readonly twoColoured?: boolean;
  /** Days from today on which a sale begins and ends. */
  readonly sale?: { readonly fromDay: number; readonly untilDay: number };
  /** Days until it is used up and bought again. */
  readonly lastsDays?: number;
  readonly speakable?: false;
}

/** A colour that a product comes in, and the one that it is drawn in. */
export interface ProductColour {
  readonly name: Text;
  readonly drawn: Colour;
}

export const colours: readonly ProductColour[] = [
  { name: text('black', 'schwarz', 'noir'), drawn: 'black' },
  { name: text('white', 'weiß', 'blanc'), drawn: 'white' },
  { name: text('sage green', 'salbeigrün', 'vert sauge'), drawn: 'sage' },
  { name: text('ocean blue', 'meerblau', 'bleu océan'), drawn: 'ocean' },
  { name: text('sand', 'sandfarben', 'sable'), drawn: 'sand' },
  { name: text('brick red', 'ziegelrot', 'rouge brique'), drawn: 'brick' },
  { name: text('slate grey', 'schiefergrau', 'gris ardoise'), drawn: 'slate' },
  { name: text('mustard', 'senfgelb', 'moutarde'), drawn: 'mustard' },
];
