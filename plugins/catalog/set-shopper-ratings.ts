import type { Product } from '../../src/ports/catalog.js';
import type { Rating } from '../../src/ports/product-details.js';
import { checkBatch } from './faults.js';
import type { Writing } from './writing.js';

/** Sets what shoppers rated, beside the rating that the shop saved. Products that are unknown, damaged or rated so already stay as they are. */
export async function setShopperRatings(
  { kept, queue }: Pick<Writing, 'kept' | 'queue'>,
  ratings: readonly { readonly productId: string; readonly rating: Rating | null }[],
): Promise<void> {
  checkBatch(ratings, 'ratings');
  const wanted = new Map(ratings.map(({ productId, rating }) => [productId, rating]));
  const found = await kept.products.getMany([...wanted.keys()], { skipDamaged: true });
  const ids = found.flatMap((product) =>
    product && isOther(product, wanted.get(product.id) ?? null) ? [product.id] : [],
  );
  if (ids.length === 0) return;
  await queue.publishing([{ type: 'product.changed', ids }], async () => {
    await Promise.all(
      ids.map((id) =>
        kept.products.update(
          id,
          (current) => {
            const rating = wanted.get(id) ?? null;
            return current && isOther(current, rating) ? withShopperRating(current, rating) : undefined;
          },
          { skipDamaged: true },
        ),
      ),
    );
  });
}

function isOther({ shopperRating }: Product, rating: Rating | null): boolean {
  return shopperRating?.average !== rating?.average || shopperRating?.count !== rating?.count;
}

function withShopperRating(product: Product, rating: Rating | null): Product {
  const { shopperRating: _, ...rest } = product;
  return rating === null ? rest : { ...rest, shopperRating: rating };
}
