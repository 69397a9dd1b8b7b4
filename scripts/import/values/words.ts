import type { ProductStatus } from '../../../src/ports/product-status.js';

const truths = new Map<string, boolean>([
  ...['true', 'yes', 'y', '1', 'on', 't', 'x', 'ja', 'oui', 'si', 'sí'].map((word) => [word, true] as const),
  ...['false', 'no', 'n', '0', 'off', 'f', 'nein', 'non', '-1'].map((word) => [word, false] as const),
]);

/** Null if the text is neither. */
export function readBoolean(text: string): boolean | null {
  return truths.get(text.trim().toLowerCase()) ?? null;
}

/** The status that words of the shop systems mean; null for a word that is not known. */
export function readStatus(text: string): ProductStatus | null {
  return statuses.get(text.trim().toLowerCase()) ?? null;
}

const statuses = new Map<string, ProductStatus>([
  ...[
    'active',
    'enabled',
    'published',
    'publish',
    'visible',
    'online',
    'true',
    'yes',
    'y',
    '1',
    'live',
    'catalog, search',
    'catalog',
    'search',
    'instock',
  ].map((word) => [word, 'ACTIVE'] as const),
  ...[
    'draft',
    'disabled',
    'unpublished',
    'hidden',
    'private',
    'pending',
    'proposed',
    'offline',
    'inactive',
    'rejected',
    'unlisted',
    'false',
    'no',
    'n',
    '0',
    '2',
    '-1',
    'staging',
    'not visible individually',
  ].map((word) => [word, 'DRAFT'] as const),
  ...['archived', 'archive', 'deleted', 'trash', 'discontinued'].map((word) => [word, 'ARCHIVED'] as const),
]);

export type Availability = 'IN_STOCK' | 'OUT_OF_STOCK' | 'PREORDER' | 'BACKORDER';

/** Google's, Meta's and schema.org's words, in any spelling ("in stock", "in_stock", "https://schema.org/InStock"); null for another. */
export function readAvailability(text: string): Availability | null {
  const word = text
    .trim()
    .toLowerCase()
    .replace(/^https?:\/\/schema\.org\//, '')
    .replace(/[\s_-]+/g, '');
  return availabilities.get(word) ?? null;
}

const availabilities = new Map<string, Availability>([
  ...[
    'instock',
    'available',
    'availablefororder',
    'limitedavailability',
    'instoreonly',
    'onlineonly',
    'true',
    'yes',
    '1',
  ].map((word) => [word, 'IN_STOCK'] as const),
  ...['outofstock', 'unavailable', 'soldout', 'discontinued', 'notavailable', 'false', 'no', '0'].map(
    (word) => [word, 'OUT_OF_STOCK'] as const,
  ),
  ...['preorder', 'presale', 'comingsoon'].map((word) => [word, 'PREORDER'] as const),
  ...['backorder', 'onbackorder', 'madetoorder'].map((word) => [word, 'BACKORDER'] as const),
]);
