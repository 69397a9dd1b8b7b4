import type { Collection } from '../../src/ports/store.js';
import type { ClaimKeeper } from './claims.js';
import type { ClaimDocument } from './documents.js';

const skipDamaged = true;

/** Claims of a store that several processes may use: a document each, so that one insert decides between two of them. */
export function createClaimDocuments(claims: Collection<ClaimDocument>): ClaimKeeper {
  return {
    async read(id) {
      const [claim = null] = await claims.getMany([id], { skipDamaged });
      return claim;
    },
    insert: (documents) => claims.insert(documents),
    update: (id, change) => claims.update(id, change, { skipDamaged }),
    async restore(document) {
      await claims.update(document.id, (current) => (current ? undefined : document), { skipDamaged });
    },
    async release(given) {
      await Promise.all(
        given.map(({ id, productId }) =>
          claims.update(id, (current) => (current?.productId === productId ? null : undefined), {
            skipDamaged,
          }),
        ),
      );
    },
  };
}
