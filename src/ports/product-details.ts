/** A property of a product. A property with several values is one attribute for each value, all with one name. */
export interface Attribute {
  readonly name: string;
  readonly value: string | number | boolean;
  /** The name as shown to shoppers. If omitted, the name. */
  readonly label?: string;
  /** By BCP 47 locale: the label and the value as shown there. */
  readonly translations?: Readonly<Record<string, { readonly label?: string; readonly value?: string }>>;
}

export interface SelectedOption {
  readonly name: string;
  readonly value: string;
}

/** Something that the variants of a product differ in. */
export interface ProductOption {
  readonly name: string;
  readonly values: readonly string[];
  /** By BCP 47 locale: the name as shown there, and labels of values. */
  readonly translations?: Readonly<Record<string, OptionTranslation>>;
}

export interface OptionTranslation {
  readonly label?: string;
  readonly values?: readonly { readonly value: string; readonly label: string }[];
}

export const mediaTypes = ['IMAGE', 'VIDEO', 'MODEL_3D', 'DOCUMENT'] as const;
export type MediaType = (typeof mediaTypes)[number];

export interface Media {
  readonly url: string;
  readonly alt: string | null;
  /** If omitted, IMAGE. */
  readonly type?: MediaType;
  /** Pixels. If omitted, unknown. */
  readonly width?: number;
  readonly height?: number;
  /** The option value that it shows, for example the colour red. If omitted, it shows the product as such. */
  readonly option?: SelectedOption;
}

export const measureUnits = [
  'MG',
  'G',
  'KG',
  'OZ',
  'LB',
  'ML',
  'CL',
  'L',
  'FL_OZ',
  'MM',
  'CM',
  'M',
  'M2',
  'PIECE',
] as const;
export type MeasureUnit = (typeof measureUnits)[number];

/** An amount of goods, for example 750 ml. */
export interface Measure {
  readonly value: number;
  readonly unit: MeasureUnit;
}

export interface Rating {
  /** From 1 to 5. */
  readonly average: number;
  readonly count: number;
}

export const relationKinds = ['ACCESSORY', 'SUBSTITUTE', 'SPARE_PART', 'UPSELL'] as const;
export type RelationKind = (typeof relationKinds)[number];

/** Another product that the shop names beside a product. */
export interface Relation {
  readonly kind: RelationKind;
  readonly productId: string;
}

/** A part of a bundle. */
export interface BundleItem {
  readonly productId: string;
  /** If omitted, any variant. */
  readonly variantId?: string;
  /** Pieces, at least 1. */
  readonly quantity: number;
}

/** The text of a locale: exact, then by language. Undefined without one. */
export function inLocale<T>(texts: Readonly<Record<string, T>> | undefined, locale: string): T | undefined {
  return texts?.[locale] ?? texts?.[locale.split('-', 1)[0]!];
}
