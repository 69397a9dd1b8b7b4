import type { Channel } from '../../src/context.js';

/** A known customer with sessions that are easy to remember. */
export interface Person {
  readonly id: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly locale: string;
  readonly currency: string;
  readonly sessions: readonly { readonly id: string; readonly channel: Channel }[];
  /** A theme of the simulation, which they come for. */
  readonly theme: string;
  /** Spread over the last weeks, before the latest one. */
  readonly visits: number;
  /** The lines of the latest visit, in order. */
  readonly lately: readonly string[];
  readonly traits: Readonly<Record<string, string | number | boolean>>;
}

export const people: readonly Person[] = [
  {
    id: 'ada',
    firstName: 'Ada',
    lastName: 'Brandt',
    locale: 'en',
    currency: 'EUR',
    sessions: [
      { id: 'demo-ada', channel: 'WEB' },
      { id: 'demo-ada-app', channel: 'APP' },
    ],
    theme: 'coffee',
    visits: 12,
    lately: ['espresso-machines', 'coffee-grinders', 'coffee-beans'],
    traits: { loyaltyTier: 'gold', newsletter: true },
  },
  {
    id: 'grace',
    firstName: 'Grace',
    lastName: 'Okafor',
    locale: 'en',
    currency: 'USD',
    sessions: [
      { id: 'demo-grace', channel: 'WEB' },
      { id: 'demo-grace-app', channel: 'APP' },
    ],
    theme: 'running',
    visits: 10,
    lately: ['sports-watches', 'running-clothing', 'running-shoes'],
    traits: { loyaltyTier: 'silver', newsletter: false },
  },
  {
    id: 'linus',
    firstName: 'Linus',
    lastName: 'Hofer',
    locale: 'de-CH',
    currency: 'CHF',
    sessions: [{ id: 'demo-linus', channel: 'WEB' }],
    theme: 'camping',
    visits: 8,
    lately: ['sleeping-bags', 'camp-lights', 'tents'],
    traits: { loyaltyTier: 'silver', newsletter: true },
  },
  {
    id: 'marie',
    firstName: 'Marie',
    lastName: 'Delorme',
    locale: 'fr-FR',
    currency: 'EUR',
    sessions: [
      { id: 'demo-marie', channel: 'APP' },
      { id: 'demo-marie-web', channel: 'WEB' },
    ],
    theme: 'music',
    visits: 9,
    lately: ['headphones', 'speakers', 'turntables'],
    traits: { loyaltyTier: 'bronze', newsletter: true },
  },
  {
    id: 'emil',
    firstName: 'Emil',
    lastName: 'Steiner',
    locale: 'de-AT',
    currency: 'EUR',
    sessions: [{ id: 'demo-emil', channel: 'WEB' }],
    theme: 'home',
    visits: 0,
    lately: ['lamps'],
    traits: { loyaltyTier: 'none', newsletter: false },
  },
];
