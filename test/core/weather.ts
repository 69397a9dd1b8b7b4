import { z } from 'zod';
import { definePlugin } from '../../src/plugin.js';
import type { Shopper } from '../../src/ports/customers.js';

/**
 * A third party's plugin, as an integrator would write it: loaded by RAPPORT_PLUGINS, with a setting, a need and a field
 * of its own on the shopper.
 */
export const plugin = definePlugin({
  name: 'weather',
  provides: null,
  needs: ['catalog'],
  compatibility: '^1.0.0',
  settings: z.strictObject({ sky: z.enum(['clear', 'rain']).default('clear') }),
  sdl: /* GraphQL */ `
    type Weather {
      storeId: ID
      sky: String!
      products: Int!
    }
    extend type Shopper {
      weather: Weather
    }
  `,
  create({ needs, settings }) {
    return {
      port: null,
      resolvers: {
        Shopper: {
          weather: ({ context }: Shopper) => ({
            storeId: context.storeId,
            sky: settings.sky,
            products: needs.catalog.shelf.size,
          }),
        },
      },
    };
  },
});
