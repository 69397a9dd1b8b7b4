import { definePlugin } from '../../src/plugin.js';
import { createCatalog } from './catalog.js';
import { createResolvers } from './resolvers.js';
import { steadyProducts } from './steady-products.js';

/** The central product truth: products, categories, prices and stock, imported from files and live from other systems. */
export const catalog = definePlugin({
  name: 'catalog',
  provides: 'catalog',
  needs: ['store', 'queue'],
  create({ needs, host, contributions }) {
    let customerGroups: ReturnType<typeof contributions<'customerGroups'>> = [];
    const { port, priceChanges, changes, contextWarnings, start, categoryChanges } = createCatalog(
      needs.store,
      needs.queue,
      host,
    );
    return {
      port,
      start() {
        customerGroups = contributions('customerGroups');
        return start();
      },
      ...createResolvers({
        catalog: port,
        priceChanges,
        changes,
        nowMs: host.clock.nowMs,
        customerGroups: () => customerGroups,
      }),
      contextWarnings,
      contributes: {
        productReferences: [{ idOf: (reference) => port.resolve(reference)?.productId ?? null }],
      },
      steady: steadyProducts(port, categoryChanges, host.clock.nowMs),
    };
  },
});
