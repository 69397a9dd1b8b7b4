import type { Product } from '../../src/ports/catalog.js';
import type { ProductReference, ReferenceKind } from '../../src/ports/variants.js';
import { createFingerprintIndex, type FingerprintIndex } from './fingerprint-index.js';
import { readGtin } from './gtin.js';
import type { VariantRows } from './variant-rows.js';

/** Finds products and variants by their codes, in memory. */
export interface Codes {
  /** Sets the codes of a product whose variants start at a row. */
  set(number: number, product: Product, row: number): void;
  remove(number: number): void;
  /** Codes of this kind only: see `Catalog.resolve`. */
  find(kind: ReferenceKind | 'skuInAnyCase', code: string): ProductReference | null;
  /** A code of any kind but a handle: see `Catalog.resolve`. */
  resolve(reference: string): ProductReference | null;
}

const shopifyGid = /^gid:\/\/[\w-]+\/(?:Product|ProductVariant)\/([^/?]+)/;

export interface KnownProducts {
  /** -1 for a product that is not known. */
  numberOf(id: string): number;
  idOf(number: number): string;
}

export function createCodes(rows: VariantRows, products: KnownProducts): Codes {
  const handles = createFingerprintIndex();
  /** Of products that have variants: the codes of the product as a whole. */
  const own = createSkuAndGtin();
  const ofRow = { variantId: createFingerprintIndex(), ...createSkuAndGtin() };

  function ofVariant(row: number): ProductReference {
    return { productId: products.idOf(rows.productOf(row)), variantId: rows.idOf(row) };
  }

  function ofProduct(number: number): ProductReference {
    return { productId: products.idOf(number), variantId: null };
  }

  function findCode(kind: keyof typeof own, code: string): ProductReference | null {
    const row = ofRow[kind].find(code);
    if (row >= 0) return ofVariant(row);
    const number = own[kind].find(code);
    return number < 0 ? null : ofProduct(number);
  }

  function find(kind: ReferenceKind | 'skuInAnyCase', code: string): ProductReference | null {
    if (kind === 'sku') return findCode('sku', code);
    if (kind === 'skuInAnyCase') return findCode('sku', code) ?? findCode('lowerSku', code.toLowerCase());
    if (kind === 'gtin') {
      const gtin = readGtin(code);
      return typeof gtin === 'string' ? findCode('gtin', gtin) : null;
    }
    if (kind === 'variantId') {
      const row = ofRow.variantId.find(code);
      return row >= 0 && rows.idOf(row) === code ? ofVariant(row) : null;
    }
    const number = kind === 'handle' ? handles.find(code) : products.numberOf(code);
    return number < 0 ? null : ofProduct(number);
  }

  function exactly(reference: string): ProductReference | null {
    return (
      find('productId', reference) ??
      find('variantId', reference) ??
      find('sku', reference) ??
      find('gtin', reference)
    );
  }

  return {
    set(number, product, row) {
      const { sku, gtin = null, handle = null, variants } = product;
      handles.set(number, handle);
      setCodes(own, number, variants ? sku : null, variants ? gtin : null);
      for (const [i, variant] of (variants ?? [product]).entries()) {
        ofRow.variantId.set(row + i, variant.id);
        setCodes(ofRow, row + i, variant.sku ?? null, variant.gtin ?? null);
      }
    },
    remove(number) {
      handles.set(number, null);
      setCodes(own, number, null, null);
      const row = rows.first(number);
      for (let i = row; i < row + rows.count(number); i++)
        for (const codes of Object.values(ofRow)) codes.set(i, null);
    },
    find,
    resolve(reference) {
      const found = exactly(reference);
      if (found !== null || !reference.startsWith('gid:')) return found;
      const id = shopifyGid.exec(reference)?.[1];
      return id === undefined ? null : exactly(id);
    },
  };
}

interface SkuAndGtin {
  readonly sku: FingerprintIndex;
  readonly lowerSku: FingerprintIndex;
  readonly gtin: FingerprintIndex;
}

function createSkuAndGtin(): SkuAndGtin {
  return {
    sku: createFingerprintIndex(),
    lowerSku: createFingerprintIndex(),
    gtin: createFingerprintIndex(),
  };
}

function setCodes(indexes: SkuAndGtin, number: number, sku: string | null, gtin: string | null): void {
  indexes.sku.set(number, sku);
  indexes.lowerSku.set(number, sku?.toLowerCase() ?? null);
  indexes.gtin.set(number, gtin);
}
