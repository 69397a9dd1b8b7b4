import { definePlugin } from 'rapport/plugin.js';
import { candidatesOf, type Recommender } from 'rapport/ports/recommenders.js';
import { z } from 'zod';

const response = z.strictObject({
  products: z.array(z.strictObject({ id: z.string(), score: z.number(), because: z.string().optional() })),
});

/** Recommends what a model outside of Rapport returns for the products that the shopper viewed. */
export const plugin = definePlugin({
  name: 'external-recommender',
  provides: null,
  needs: [],
  compatibility: '^1.0.0',
  settings: z.strictObject({ url: z.url().describe('The endpoint of the model.') }),
  sdl: /* GraphQL */ `
    extend enum RecommendationSource { STYLE }
    extend enum ReasonCode { MATCHES_STYLE }
  `,
  create({ settings }) {
    const style: Recommender = {
      name: 'style',
      source: 'STYLE',
      reason: 'MATCHES_STYLE',
      phrases: {
        MATCHES_STYLE: {
          en: { with: 'In the style of “%”', without: 'In your style' },
          de: { with: 'Im Stil von „%“', without: 'In Ihrem Stil' },
        },
      },
      blend: { home: 1, product: 0.5 },
      create: (index) => ({
        async propose({ session }, limit) {
          const reply = await fetch(settings.url, {
            method: 'POST',
            body: JSON.stringify({ viewed: session.map(index.idOf), limit }),
          });
          const { products } = response.parse(await reply.json());
          return candidatesOf(
            index,
            products.map(({ id, ...more }) => ({ productId: id, ...more })),
          );
        },
      }),
    };
    return { port: null, contributes: { recommender: [style] } };
  },
});
