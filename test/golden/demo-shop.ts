import { seedDemoShop } from '../../scripts/demo/seed.js';
import type { RecommendationList } from '../../src/ports/recommendations.js';
import { openShop, type Shop } from '../support/shop.js';
import { type GoldenShopper, shoppers } from './shoppers.js';

const strangers = 400;
const dayMs = 86_400_000;

export interface GoldenShop {
  recommend(shopper: GoldenShopper, placement: string): Promise<RecommendationList>;
  close(): Promise<void>;
}

/**
 * The demo shop with its shoppers, and those of this folder. The clock stands still and chance is seeded, so nothing depends on
 * how fast the machine is: models that are trained beside serving keep the weights that they begin with.
 */
export async function openDemoShop(): Promise<GoldenShop> {
  const shop = await openShop({ environment: { RAPPORT_RECOMMENDATIONS_PEOPLE_MIN: '3' } });
  await seedDemoShop(shop, shop, () => undefined, strangers);
  for (const [number, shopper] of shoppers.entries()) await enact(shop, shopper, number);
  return {
    close: () => shop.close(),
    async recommend(shopper, placement) {
      const context = contextOf(shop, shopper, shoppers.indexOf(shopper));
      return shop.port('recommendations').recommend(await shop.port('customers').recognise(context), {
        placement,
        first: 12,
        productId: placement === 'product' ? shopper.page : null,
        cart: placement === 'cart' || placement === 'post-purchase' ? shopper.cart : [],
      });
    },
  };
}

function contextOf(shop: Shop, { context, globalPrivacyControl = false }: GoldenShopper, number: number) {
  return shop.context(
    { sessionId: `golden-${number}`, ...context },
    { role: 'SERVER', source: 'golden', globalPrivacyControl },
  );
}

/** Consent is decided without `Sec-GPC`, as a server passes on what a shopper said earlier. */
async function enact(shop: Shop, shopper: GoldenShopper, number: number): Promise<void> {
  const context = contextOf(shop, { ...shopper, globalPrivacyControl: false }, number);
  const { consent, deeds = [] } = shopper;
  if (consent !== 'undecided' && shopper.context?.customerId === undefined) {
    const status = consent === 'granted' ? 'GRANTED' : 'WITHDRAWN';
    const person = await shop.port('customers').recognise(context);
    const decided = await shop.port('consent').decide(person, [{ purpose: 'PERSONALIZATION', status }]);
    if (decided.userErrors[0]) throw new Error(decided.userErrors[0].message);
  }
  if (deeds.length === 0) return;
  const recorded = await shop.port('events').record(
    context,
    deeds.map(({ daysAgo, ...deed }, at) => ({
      messageId: `golden-${at}`,
      at: new Date(context.atMs - daysAgo * dayMs),
      ...deed,
    })),
  );
  if (recorded.userErrors[0]) throw new Error(recorded.userErrors[0].message);
}
