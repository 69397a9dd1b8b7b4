import { plugins as shipped } from '../../plugins/index.js';
import type { Plugin } from '../../src/plugin.js';
import { openTestGateway, type TestGateway, type TestGatewayOptions, testKeys } from './gateway.js';

const priced = (amount: string) => [{ amount, currency: 'EUR' }];
const german = (title: string) => [{ locale: 'de', title }];

/** Kettles of several prices and colours, and things around them. */
const products = [
  {
    id: 'k-steel',
    title: 'Brook steel kettle, 1.7 l',
    brand: 'Brook',
    prices: priced('49.99'),
    translations: german('Brook Wasserkocher aus Stahl, 1,7 l'),
  },
  {
    id: 'k-colour',
    title: 'Brook colour kettle',
    brand: 'Brook',
    prices: priced('39.00'),
    translations: german('Brook bunter Wasserkocher'),
    options: [
      {
        name: 'Colour',
        values: ['blue', 'red'],
        translations: [
          {
            locale: 'de',
            label: 'Farbe',
            values: [
              { value: 'blue', label: 'blau' },
              { value: 'red', label: 'rot' },
            ],
          },
        ],
      },
    ],
    variants: [
      { id: 'k-colour-blue', selectedOptions: [{ name: 'Colour', value: 'blue' }], prices: priced('41.00') },
      { id: 'k-colour-red', selectedOptions: [{ name: 'Colour', value: 'red' }] },
    ],
    description: 'A kettle with a long spout. It holds a litre and a half.',
  },
  {
    id: 'k-glass',
    title: 'Alder glass kettle',
    brand: 'Alder',
    prices: priced('59.00'),
    translations: german('Alder Wasserkocher aus Glas'),
  },
  {
    id: 'k-travel',
    title: 'Alder travel kettle in blue',
    brand: 'Alder',
    prices: priced('19.90'),
    translations: german('Alder Reisewasserkocher in Blau'),
  },
  {
    id: 'k-camping',
    title: 'Tarn camping kettle',
    brand: 'Tarn',
    prices: priced('24.50'),
    translations: german('Tarn Campingwasserkocher'),
  },
  { id: 'mug', title: 'M&M’s "Mug" <large>', brand: 'M&M', prices: priced('8.00'), categoryIds: ['cups'] },
  {
    id: 'cup',
    title: 'Espresso cup',
    brand: 'Brook',
    prices: [{ amount: '6.50', listAmount: '8.00', currency: 'EUR' }],
    rating: { average: 4.86, count: 7 },
    categoryIds: ['cups'],
    media: [{ url: 'https://shop.example/cup.jpg' }],
  },
  { id: 'gift', title: 'Surprise kettle gift', brand: 'Brook', prices: priced('12.00'), speakable: false },
].map((product) => ({ categoryIds: ['kettles'], ...product }));

/** One turn over `/voice/say`. */
export type Say = (
  words: string | { readonly intent: string; readonly slots?: Readonly<Record<string, unknown>> },
  more?: Readonly<Record<string, unknown>>,
) => Promise<SaidReply>;

export interface SaidReply {
  readonly status: number;
  readonly intent: string;
  readonly speech: { readonly ssml: string; readonly text: string; readonly reprompt: string };
  readonly card: {
    readonly title: string;
    readonly lines: readonly string[];
    readonly imageUrl: string | null;
  } | null;
  readonly list: {
    readonly decisionId: string | null;
    readonly current: number | null;
    readonly items: readonly {
      readonly productId: string;
      readonly name: string;
      readonly price: string | null;
    }[];
  } | null;
  readonly handover: { readonly code: string; readonly url: string | null } | null;
  readonly ends: boolean;
  readonly personalized: boolean;
  readonly leftOut: readonly string[];
  readonly error?: { readonly code: string; readonly message: string };
}

export interface VoiceShop extends TestGateway {
  /** A conversation of its own. */
  conversation(id: string, options?: { readonly headers?: Readonly<Record<string, string>> }): Say;
}

/** A shop with kettles, all plugins and these. */
export async function openVoiceShop(
  more: readonly Plugin[] = [],
  { plugins = shipped, ...options }: TestGatewayOptions & { readonly plugins?: readonly Plugin[] } = {},
): Promise<VoiceShop> {
  const gateway = await openTestGateway([...plugins, ...more], {
    ...options,
    environment: { RAPPORT_RECOMMENDATIONS_PEOPLE_MIN: '1', ...options.environment },
  });
  const { errors, text } = await gateway.ask(
    `mutation ($products: [ProductInput!]!) { saveCategories(categories: [{ id: "kettles", name: "Kettles", translations: [{ locale: "de", name: "Wasserkocher" }] }, { id: "cups", name: "Cups" }]) { userErrors { message } }
      saveProducts(products: $products) { saved userErrors { message path } } }`,
    { role: 'SERVER', variables: { products } },
  );
  if (errors || text.includes('"userErrors":[{')) throw new Error(text);
  return {
    ...gateway,
    conversation:
      (conversationId, { headers = {} } = {}) =>
      async (words, more) => {
        const body = {
          conversationId,
          locale: 'en',
          ...(typeof words === 'string' ? { text: words } : words),
          ...more,
        };
        const response = await fetch(`${gateway.url}/voice/say`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-api-key': testKeys.STOREFRONT, ...headers },
          body: JSON.stringify(body),
        });
        return { status: response.status, ...((await response.json()) as Omit<SaidReply, 'status'>) };
      },
  };
}
