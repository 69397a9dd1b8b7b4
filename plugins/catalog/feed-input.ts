import { z } from 'zod';
import { id } from './texts.js';

const versionFault = 'version must be a whole number from 0';

/** The feed that an input comes from, and its version there. Versions of different feeds are not compared. */
export const feed = {
  source: id('source').nullish(),
  version: z.int({ error: versionFault }).min(0, { error: versionFault }).nullish(),
};

export interface Feed {
  readonly source?: string | null | undefined;
  readonly version?: number | null | undefined;
}

/** The key of a feed in `Product.feedVersions`: of the product, or of one of its variants. */
export function feedKey(source: string, variantId: string | null): string {
  return variantId === null ? source : `${source}\n${variantId}`;
}
