import { definePlugin } from '../../src/plugin.js';
import type { Collection, CollectionSpec, Document } from '../../src/ports/store.js';

/** How often a fact about a product had an effect, and where. */
export interface Witnessed extends Document {
  readonly times: number;
}

export const witnessedSpec: CollectionSpec<Witnessed> = { name: 'witnessed', indexes: {} };

/** Writes down every fact about products that a process reacted to. */
export const plugin = definePlugin({
  name: 'witness',
  provides: null,
  needs: ['store'],
  compatibility: '^1.0.0',
  create({ needs }) {
    let witnessed: Collection<Witnessed>;
    return {
      port: null,
      reactions: {
        'product.changed': async ({ ids }) => {
          for (const id of ids) {
            await witnessed.update(id, (current) => ({ id, times: (current?.times ?? 0) + 1 }));
          }
        },
      },
      async start() {
        witnessed = await needs.store.collection(witnessedSpec);
      },
    };
  },
});
